//===- ExpectModel.h - What becomes of a model folder -----------*- C++ -*-===//

#ifndef SEQ_TEST_UNIT_IMPORT_EXPECTMODEL_H
#define SEQ_TEST_UNIT_IMPORT_EXPECTMODEL_H

#include "ImportedModel.h"
#include "ModelFolder.h"

/// The importer refuses the folder with an error of one line that holds `part`.
#define EXPECT_REFUSED(model, part)                                                                                    \
  do {                                                                                                                 \
    seqc::test::ImportedModel refused(model.write());                                                                  \
    EXPECT_NE(refused.error.find(part), std::string::npos) << "message: " << refused.error;                            \
    EXPECT_EQ(refused.error.find('\n'), std::string::npos) << refused.error;                                           \
  } while (false)

#define EXPECT_IMPORTED(model) EXPECT_EQ(seqc::test::ImportedModel(model.write()).error, "")

#endif // SEQ_TEST_UNIT_IMPORT_EXPECTMODEL_H
