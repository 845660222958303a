// RUN: seq-opt %s --seq-vectorize-elementwise=lanes=4 --verify-diagnostics

// expected-error @+1 {{seq-vectorize-elementwise: lanes must be 8 or 16, not 4}}
module {}
