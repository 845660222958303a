// RUN: seq-opt %s --split-input-file --seq-choose-forms="lanes=16" | FileCheck %s
// RUN: seq-opt %s --split-input-file --seq-choose-forms="lanes=16 form=recurrent" | FileCheck %s --check-prefix=RECURRENT
// RUN: seq-opt %s --split-input-file --seq-choose-forms="lanes=16 threads=1" | FileCheck %s --check-prefix=ALONE
// RUN: seq-opt %s --split-input-file --seq-choose-forms="lanes=16 chunk=64" | FileCheck %s --check-prefix=LONG

// The same op is chunkwise over many tokens and recurrent where a call has one.

// CHECK-LABEL: func.func @prefill
// CHECK: seq.state_mix {{.*}} form chunkwise {chunk = 32 : i64, seq.form_reason = "{{[0-9]+}} against {{[0-9]+}} vector FMAs a token and head token by token"}
// LONG-LABEL: func.func @prefill
// LONG: form chunkwise {chunk = 64 : i64
// RECURRENT-LABEL: func.func @prefill
// RECURRENT: seq.state_mix {{.*}} form recurrent {seq.form_reason = "asked for by the option form"}
func.func @prefill(%q: tensor<?x?x8x192xf32>, %g: tensor<?x?x8xf32>, %beta: tensor<?x?x8xf32>) -> tensor<?x?x8x192xf32> {
  %o = seq.state_mix %q, %q, %q g(%g : tensor<?x?x8xf32>) beta(%beta : tensor<?x?x8xf32>) decay head update delta read post : tensor<?x?x8x192xf32>, tensor<?x?x8x192xf32>, tensor<?x?x8x192xf32>
  return %o : tensor<?x?x8x192xf32>
}

// CHECK-LABEL: func.func @step
// CHECK: seq.state_mix {{.*}} form recurrent {seq.form_reason = "a call is one token"}
func.func @step(%q: tensor<?x1x8x192xf32>, %g: tensor<?x1x8xf32>, %beta: tensor<?x1x8xf32>) -> tensor<?x1x8x192xf32> {
  %o = seq.state_mix %q, %q, %q g(%g : tensor<?x1x8xf32>) beta(%beta : tensor<?x1x8xf32>) decay head update delta read post : tensor<?x1x8x192xf32>, tensor<?x1x8x192xf32>, tensor<?x1x8x192xf32>
  return %o : tensor<?x1x8x192xf32>
}

// -----

// Passes over a small state do less than blocks of tokens.

// CHECK-LABEL: func.func @small
// CHECK: form recurrent {seq.form_reason = "{{[0-9]+}} against {{[0-9]+}} vector FMAs a token and head in chunks"}
func.func @small(%q: tensor<?x?x8x32xf32>, %a: tensor<?x?x8x32xf32>, %g: tensor<?x?x8x32xf32>) -> tensor<?x?x8x32xf32> {
  %o = seq.state_mix %q, %q, %q g(%g : tensor<?x?x8x32xf32>) a(%a : tensor<?x?x8x32xf32>) b(%a : tensor<?x?x8x32xf32>) decay channel update dplr read post : tensor<?x?x8x32xf32>, tensor<?x?x8x32xf32>, tensor<?x?x8x32xf32>
  return %o : tensor<?x?x8x32xf32>
}

// -----

// Decays that are not bounded from below may send blocks back to single tokens; those that fall too fast would.

// CHECK-LABEL: func.func @bounds
// CHECK: form chunkwise {{.*}}; g has no bound: blocks whose decays leave f32's exponents go token by token"
// CHECK: form chunkwise {{.*}} token by token"}
// CHECK: form recurrent {{.*}}"g_min -5.0: the decays of a block of 16 tokens would leave f32's exponents"
func.func @bounds(%q: tensor<?x?x8x256xf32>, %g: tensor<?x?x8x256xf32>) -> (tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>) {
  %a = seq.state_mix %q, %q, %q g(%g : tensor<?x?x8x256xf32>) decay channel update outer read post : tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>
  %b = seq.state_mix %q, %q, %q g(%g : tensor<?x?x8x256xf32>) decay channel update outer read post {g_min = -4.0 : f64} : tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>
  %c = seq.state_mix %q, %q, %q g(%g : tensor<?x?x8x256xf32>) decay channel update outer read post {g_min = -5.0 : f64} : tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>
  return %a, %b, %c : tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>, tensor<?x?x8x256xf32>
}

// -----

// One narrow head: time is all that there is to share out. Not so with delta, whose blocks do not compose, nor with more threads than
// a head has ranges of columns.

// CHECK-LABEL: func.func @narrow
// CHECK: seq.state_mix {{.*}} form parallel {seq.form_reason = "1 task of heads and columns: where there are more workers, time is cut into blocks of at least 128 tokens"}
// CHECK: seq.state_mix {{.*}} update delta {{.*}} form recurrent
// CHECK: seq.state_mix {{.*}} form recurrent
// CHECK: seq.state_mix {{.*}} form recurrent
// ALONE-LABEL: func.func @narrow
// ALONE: seq.state_mix {{.*}} form recurrent
func.func @narrow(%q: tensor<?x?x1x16xf32>, %beta: tensor<?x?x1xf32>, %v: tensor<?x?x1x64xf32>, %s: tensor<1x100x1x16xf32>) -> (tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x64xf32>, tensor<1x100x1x16xf32>) {
  %0 = seq.state_mix %q, %q, %q decay none update outer read post : tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>
  %1 = seq.state_mix %q, %q, %q beta(%beta : tensor<?x?x1xf32>) decay none update delta read post : tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>
  %2 = seq.state_mix %q, %q, %v decay none update outer read post : tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x64xf32>
  %3 = seq.state_mix %s, %s, %s decay none update outer read post : tensor<1x100x1x16xf32>, tensor<1x100x1x16xf32>, tensor<1x100x1x16xf32>
  return %0, %1, %2, %3 : tensor<?x?x1x16xf32>, tensor<?x?x1x16xf32>, tensor<?x?x1x64xf32>, tensor<1x100x1x16xf32>
}

// -----

// Scans share out elements, and time where workers are left over.

// CHECK-LABEL: func.func @scans
// CHECK: seq.scan {{.*}} form parallel {seq.form_reason = "1 task of elements: where there are more workers, time is cut into blocks of at least 512 tokens"}
// CHECK: seq.scan {{.*}} form recurrent {seq.form_reason = "64 tasks of elements, enough for 64 threads"}
// CHECK: seq.scan {{.*}} form recurrent {seq.form_reason = "100 tokens are too few to cut time"}
// CHECK: seq.selective_scan {{.*}} form chunkwise {chunk = 32 : i64
// ALONE-LABEL: func.func @scans
// ALONE: seq.scan {{.*}} form recurrent {seq.form_reason = "1 task of elements, enough for 1 thread"}
func.func @scans(%x: tensor<?x?x16xf32>, %w: tensor<?x?x4096xf32>, %s: tensor<1x100x16xf32>, %a: tensor<16x4xf32>, %b: tensor<?x?x1x4xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x4096xf32>, tensor<1x100x16xf32>, tensor<?x?x16xf32>) {
  %0 = seq.scan %x, %x : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %1 = seq.scan %w, %w : tensor<?x?x4096xf32>, tensor<?x?x4096xf32>
  %2 = seq.scan %s, %s : tensor<1x100x16xf32>, tensor<1x100x16xf32>
  %3 = seq.selective_scan %x, %x, %a, %b, %b : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<16x4xf32>, tensor<?x?x1x4xf32>, tensor<?x?x1x4xf32>
  return %0, %1, %2, %3 : tensor<?x?x16xf32>, tensor<?x?x4096xf32>, tensor<1x100x16xf32>, tensor<?x?x16xf32>
}

// -----

// What the program says stays; a chunk alone asks for chunks; retention and scans of heads are matrix states.

// CHECK-LABEL: func.func @given
// CHECK: seq.retention {{.*}} form chunkwise {chunk = 48 : i64, seq.form_reason = "the program says so"}
// CHECK: seq.retention {{.*}} form chunkwise {chunk = 16 : i64, seq.form_reason = "the program gives a chunk"}
// CHECK: seq.retention {{.*}} form parallel {seq.form_reason = "the program says so"}
// CHECK: seq.selective_scan {{.*}} form recurrent {seq.form_reason = "{{[0-9]+}} against
// RECURRENT-LABEL: func.func @given
// RECURRENT-COUNT-3: seq.retention {{.*}} form recurrent {seq.form_reason = "asked for by the option form"}
func.func @given(%q: tensor<?x?x4x16xf32>, %dt: tensor<?x?x4xf32>, %a: tensor<4xf32>) -> (tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>) {
  %0 = seq.retention %q, %q, %q form chunkwise {chunk = 48 : i64} : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
  %1 = seq.retention %q, %q, %q {chunk = 16 : i64} : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
  %2 = seq.retention %q, %q, %q form parallel : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
  %3 = seq.selective_scan %q, %dt, %a, %q, %q : tensor<?x?x4x16xf32>, tensor<?x?x4xf32>, tensor<4xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
  return %0, %1, %2, %3 : tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>, tensor<?x?x4x16xf32>
}

// -----

// A single head of few columns would leave a thread idle, but a factored decay has no parallel form.

// CHECK-LABEL: func.func @factored
// CHECK: seq.state_mix {{.*}} form {{recurrent|chunkwise}} {
func.func @factored(%q: tensor<?x?x1x31xf32>, %v: tensor<?x?x1x3xf32>, %g: tensor<?x?x1xf32>, %r: tensor<1x31xf32>) -> tensor<?x?x1x3xf32> {
  %0 = seq.state_mix %q, %q, %v g(%g : tensor<?x?x1xf32>) rate(%r : tensor<1x31xf32>) decay factored update outer read post : tensor<?x?x1x31xf32>, tensor<?x?x1x31xf32>, tensor<?x?x1x3xf32>
  return %0 : tensor<?x?x1x3xf32>
}

// -----

// Other ops have no forms.

// CHECK-LABEL: func.func @others
// CHECK: %[[C:.*]] = seq.conv %{{[^,]*}}, %{{[^ ]*}} : tensor<?x?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: return %[[C]]
func.func @others(%x: tensor<?x?x16xf32>, %w: tensor<16x4xf32>) -> tensor<?x?x16xf32> {
  %0 = seq.conv %x, %w : tensor<?x?x16xf32>, tensor<16x4xf32>
  return %0 : tensor<?x?x16xf32>
}
