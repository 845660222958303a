// RUN: seq-opt %s --seq-interpret -o /dev/null

// Integers wrap at their width; division rounds as its name says.
func.func @integers() {
  %a = arith.constant dense<[127, -7, 7, -128]> : tensor<4xi8>
  %b = arith.constant dense<[1, 2, -2, 3]> : tensor<4xi8>
  %add = arith.addi %a, %b : tensor<4xi8>
  %mul = arith.muli %a, %b : tensor<4xi8>
  %div = arith.divsi %a, %b : tensor<4xi8>
  %rem = arith.remsi %a, %b : tensor<4xi8>
  %floor = arith.floordivsi %a, %b : tensor<4xi8>
  %ceil = arith.ceildivsi %a, %b : tensor<4xi8>
  %udiv = arith.divui %a, %b : tensor<4xi8>
  %max = arith.maxsi %a, %b : tensor<4xi8>
  %umax = arith.maxui %a, %b : tensor<4xi8>
  %wantAdd = arith.constant dense<[-128, -5, 5, -125]> : tensor<4xi8>
  %wantMul = arith.constant dense<[127, -14, -14, -128]> : tensor<4xi8>
  %wantDiv = arith.constant dense<[127, -3, -3, -42]> : tensor<4xi8>
  %wantRem = arith.constant dense<[0, -1, 1, -2]> : tensor<4xi8>
  %wantFloor = arith.constant dense<[127, -4, -4, -43]> : tensor<4xi8>
  %wantCeil = arith.constant dense<[127, -3, -3, -42]> : tensor<4xi8>
  %wantUdiv = arith.constant dense<[127, 124, 0, 42]> : tensor<4xi8>
  %wantMax = arith.constant dense<[127, 2, 7, 3]> : tensor<4xi8>
  %wantUmax = arith.constant dense<[127, -7, -2, -128]> : tensor<4xi8>
  check.expect_equal %add, %wantAdd : tensor<4xi8>
  check.expect_equal %mul, %wantMul : tensor<4xi8>
  check.expect_equal %div, %wantDiv : tensor<4xi8>
  check.expect_equal %rem, %wantRem : tensor<4xi8>
  check.expect_equal %floor, %wantFloor : tensor<4xi8>
  check.expect_equal %ceil, %wantCeil : tensor<4xi8>
  check.expect_equal %udiv, %wantUdiv : tensor<4xi8>
  check.expect_equal %max, %wantMax : tensor<4xi8>
  check.expect_equal %umax, %wantUmax : tensor<4xi8>
  return
}

func.func @bits() {
  %a = arith.constant dense<[12, -16]> : tensor<2xi8>
  %b = arith.constant dense<[2, 3]> : tensor<2xi8>
  %and = arith.andi %a, %b : tensor<2xi8>
  %or = arith.ori %a, %b : tensor<2xi8>
  %xor = arith.xori %a, %b : tensor<2xi8>
  %shl = arith.shli %a, %b : tensor<2xi8>
  %shr = arith.shrsi %a, %b : tensor<2xi8>
  %ushr = arith.shrui %a, %b : tensor<2xi8>
  %wantAnd = arith.constant dense<[0, 0]> : tensor<2xi8>
  %wantOr = arith.constant dense<[14, -13]> : tensor<2xi8>
  %wantShl = arith.constant dense<[48, -128]> : tensor<2xi8>
  %wantShr = arith.constant dense<[3, -2]> : tensor<2xi8>
  %wantUshr = arith.constant dense<[3, 30]> : tensor<2xi8>
  check.expect_equal %and, %wantAnd : tensor<2xi8>
  check.expect_equal %or, %wantOr : tensor<2xi8>
  check.expect_equal %xor, %wantOr : tensor<2xi8>
  check.expect_equal %shl, %wantShl : tensor<2xi8>
  check.expect_equal %shr, %wantShr : tensor<2xi8>
  check.expect_equal %ushr, %wantUshr : tensor<2xi8>
  return
}

// f32 is computed in f64: the small addend survives.
func.func @reals() {
  %big = arith.constant dense<16777216.0> : tensor<1xf32>
  %one = arith.constant dense<1.0> : tensor<1xf32>
  %sum = arith.addf %big, %one : tensor<1xf32>
  %difference = arith.subf %sum, %big : tensor<1xf32>
  check.expect_equal %difference, %one : tensor<1xf32>

  %a = arith.constant dense<[5.5, -1.0, 0x7FF8000000000000]> : tensor<3xf64>
  %b = arith.constant dense<[2.0, 4.0, 1.0]> : tensor<3xf64>
  %rem = arith.remf %a, %b : tensor<3xf64>
  %max = arith.maximumf %a, %b : tensor<3xf64>
  %maxnum = arith.maxnumf %a, %b : tensor<3xf64>
  %min = arith.minimumf %a, %b : tensor<3xf64>
  %div = arith.divf %a, %b : tensor<3xf64>
  %neg = arith.negf %b : tensor<3xf64>
  %wantRem = arith.constant dense<[1.5, -1.0, 0x7FF8000000000000]> : tensor<3xf64>
  %wantMax = arith.constant dense<[5.5, 4.0, 0x7FF8000000000000]> : tensor<3xf64>
  %wantMaxnum = arith.constant dense<[5.5, 4.0, 1.0]> : tensor<3xf64>
  %wantMin = arith.constant dense<[2.0, -1.0, 0x7FF8000000000000]> : tensor<3xf64>
  %wantDiv = arith.constant dense<[2.75, -0.25, 0x7FF8000000000000]> : tensor<3xf64>
  %wantNeg = arith.constant dense<[-2.0, -4.0, -1.0]> : tensor<3xf64>
  check.expect_equal %rem, %wantRem : tensor<3xf64>
  check.expect_equal %max, %wantMax : tensor<3xf64>
  check.expect_equal %maxnum, %wantMaxnum : tensor<3xf64>
  check.expect_equal %min, %wantMin : tensor<3xf64>
  check.expect_equal %div, %wantDiv : tensor<3xf64>
  check.expect_equal %neg, %wantNeg : tensor<3xf64>
  return
}

// Comparisons, signed and unsigned, ordered and not; what they choose.
func.func @choices() {
  %a = arith.constant dense<[-1, 2]> : tensor<2xi32>
  %b = arith.constant dense<[1, 2]> : tensor<2xi32>
  %slt = arith.cmpi slt, %a, %b : tensor<2xi32>
  %ult = arith.cmpi ult, %a, %b : tensor<2xi32>
  %uge = arith.cmpi uge, %a, %b : tensor<2xi32>
  %wantSlt = arith.constant dense<[true, false]> : tensor<2xi1>
  %wantUlt = arith.constant dense<[false, false]> : tensor<2xi1>
  %wantUge = arith.constant dense<[true, true]> : tensor<2xi1>
  check.expect_equal %slt, %wantSlt : tensor<2xi1>
  check.expect_equal %ult, %wantUlt : tensor<2xi1>
  check.expect_equal %uge, %wantUge : tensor<2xi1>
  %chosen = arith.select %slt, %a, %b : tensor<2xi1>, tensor<2xi32>
  %wantChosen = arith.constant dense<[-1, 2]> : tensor<2xi32>
  check.expect_equal %chosen, %wantChosen : tensor<2xi32>

  %x = arith.constant dense<[1.0, 0x7FF8000000000000]> : tensor<2xf64>
  %y = arith.constant dense<[2.0, 1.0]> : tensor<2xf64>
  %olt = arith.cmpf olt, %x, %y : tensor<2xf64>
  %ugt = arith.cmpf ugt, %x, %y : tensor<2xf64>
  %one = arith.cmpf one, %x, %y : tensor<2xf64>
  %une = arith.cmpf une, %x, %y : tensor<2xf64>
  %wantOlt = arith.constant dense<[true, false]> : tensor<2xi1>
  %wantUgt = arith.constant dense<[false, true]> : tensor<2xi1>
  %wantUne = arith.constant dense<[true, true]> : tensor<2xi1>
  check.expect_equal %olt, %wantOlt : tensor<2xi1>
  check.expect_equal %ugt, %wantUgt : tensor<2xi1>
  check.expect_equal %one, %wantOlt : tensor<2xi1>
  check.expect_equal %une, %wantUne : tensor<2xi1>
  return
}

// A scalar condition chooses a whole tensor.
func.func @scalar_choice() {
  %false = arith.constant false
  %a = arith.constant dense<1> : tensor<2xi32>
  %b = arith.constant dense<2> : tensor<2xi32>
  %chosen = arith.select %false, %a, %b : tensor<2xi32>
  check.expect_equal %chosen, %b : tensor<2xi32>
  return
}

func.func @casts() {
  %x = arith.constant dense<[-2.7, 2.7]> : tensor<2xf64>
  %i = arith.fptosi %x : tensor<2xf64> to tensor<2xi8>
  %wantI = arith.constant dense<[-2, 2]> : tensor<2xi8>
  check.expect_equal %i, %wantI : tensor<2xi8>
  %signed = arith.extsi %i : tensor<2xi8> to tensor<2xi32>
  %unsigned = arith.extui %i : tensor<2xi8> to tensor<2xi32>
  %wantUnsigned = arith.constant dense<[254, 2]> : tensor<2xi32>
  %wantSigned = arith.constant dense<[-2, 2]> : tensor<2xi32>
  check.expect_equal %signed, %wantSigned : tensor<2xi32>
  check.expect_equal %unsigned, %wantUnsigned : tensor<2xi32>
  %big = arith.constant dense<[300, -200]> : tensor<2xi32>
  %low = arith.trunci %big : tensor<2xi32> to tensor<2xi8>
  %wantLow = arith.constant dense<[44, 56]> : tensor<2xi8>
  check.expect_equal %low, %wantLow : tensor<2xi8>
  %bit = arith.constant dense<[true, false]> : tensor<2xi1>
  %bitSigned = arith.sitofp %bit : tensor<2xi1> to tensor<2xf32>
  %bitUnsigned = arith.uitofp %bit : tensor<2xi1> to tensor<2xf32>
  %wantBitSigned = arith.constant dense<[-1.0, 0.0]> : tensor<2xf32>
  %wantBitUnsigned = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  check.expect_equal %bitSigned, %wantBitSigned : tensor<2xf32>
  check.expect_equal %bitUnsigned, %wantBitUnsigned : tensor<2xf32>
  // Narrower floats keep the value.
  %half = arith.truncf %x : tensor<2xf64> to tensor<2xbf16>
  %wide = arith.extf %half : tensor<2xbf16> to tensor<2xf64>
  check.expect_equal %wide, %x : tensor<2xf64>
  return
}
