# The program in docs/Runtime.md is the one that the tests compile and run.
file(READ ${TOUR} tour)
file(READ ${PROGRAM} program)
string(FIND "${tour}" "${program}" place)
if(place EQUAL -1)
  message(FATAL_ERROR "${TOUR} does not contain ${PROGRAM} as it is: paste it again")
endif()
