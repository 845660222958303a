// RUN: seq-opt %s --seq-interpret -o /dev/null

// Fibonacci: 10 rounds carry two numbers.
func.func @for() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c10 = arith.constant 10 : index
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a, %b = scf.for %i = %c0 to %c10 step %c1 iter_args(%x = %zero, %y = %one) -> (i32, i32) {
    %z = arith.addi %x, %y : i32
    scf.yield %y, %z : i32, i32
  }
  %t = tensor.from_elements %a, %b : tensor<2xi32>
  %want = arith.constant dense<[55, 89]> : tensor<2xi32>
  check.expect_equal %t, %want : tensor<2xi32>
  return
}

// A loop without rounds keeps its start; tensors and states are carried as well.
func.func @carried() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %x = arith.constant dense<[[[1.0]]]> : tensor<1x1x1xf32>
  %s0 = seq.state_init %c1 : !seq.state<1xf32>
  %y, %s = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %x, %state = %s0) -> (tensor<1x1x1xf32>, !seq.state<1xf32>) {
    %u, %next = seq.token_shift %t state %state : tensor<1x1x1xf32>, !seq.state<1xf32>
    %v = arith.addf %u, %t : tensor<1x1x1xf32>
    scf.yield %v, %next : tensor<1x1x1xf32>, !seq.state<1xf32>
  }
  // 1; 1 + 0 = 1; 1 + 1 = 2; 2 + 1 = 3.
  %want = arith.constant dense<[[[3.0]]]> : tensor<1x1x1xf32>
  check.expect_equal %y, %want : tensor<1x1x1xf32>
  %z = scf.for %i = %c3 to %c0 step %c1 iter_args(%t = %x) -> (tensor<1x1x1xf32>) {
    scf.yield %y : tensor<1x1x1xf32>
  }
  check.expect_equal %z, %x : tensor<1x1x1xf32>
  return
}

// Halve until odd; both branches of a condition.
func.func @while() {
  %start = arith.constant 48 : i32
  %zero = arith.constant 0 : i32
  %two = arith.constant 2 : i32
  %odd = scf.while (%x = %start) : (i32) -> i32 {
    %rest = arith.remsi %x, %two : i32
    %even = arith.cmpi eq, %rest, %zero : i32
    scf.condition(%even) %x : i32
  } do {
  ^bb0(%x: i32):
    %half = arith.divsi %x, %two : i32
    scf.yield %half : i32
  }
  %small = arith.cmpi slt, %odd, %two : i32
  %r = scf.if %small -> (i32) {
    scf.yield %zero : i32
  } else {
    scf.yield %odd : i32
  }
  %t = tensor.from_elements %odd, %r : tensor<2xi32>
  %want = arith.constant dense<[3, 3]> : tensor<2xi32>
  check.expect_equal %t, %want : tensor<2xi32>
  return
}
