// RUN: seq-opt %s --seq-interpret -o /dev/null

// A sequence of 7 tokens as 4 + 3 with the state threaded equals the whole, for each kind
// of update, decay and read. The last states are equal as well.
seqm.parameter @q : tensor<2x7x2x3xf32> = #seqm.normal<seed = 11, stddev = 1.0 : f32>
seqm.parameter @k : tensor<2x7x2x3xf32> = #seqm.normal<seed = 12, stddev = 0.5 : f32>
seqm.parameter @v : tensor<2x7x4x5xf32> = #seqm.normal<seed = 13, stddev = 1.0 : f32>
seqm.parameter @a : tensor<2x7x4x3xf32> = #seqm.normal<seed = 14, stddev = 0.5 : f32>
seqm.parameter @b : tensor<2x7x4x3xf32> = #seqm.normal<seed = 15, stddev = 0.5 : f32>
seqm.parameter @g : tensor<2x7x4x3xf32> = #seqm.normal<seed = 16, stddev = 1.0 : f32>
seqm.parameter @gates : tensor<2x7x4xf32> = #seqm.normal<seed = 17, stddev = 3.0 : f32>
seqm.parameter @u : tensor<4x3xf32> = #seqm.normal<seed = 18, stddev = 1.0 : f32>
seqm.parameter @s : tensor<2x4x3x5xf32> = #seqm.normal<seed = 19, stddev = 1.0 : f32>

func.func @channel_dplr() {
  %q = seqm.load @q : tensor<2x7x2x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x4x5xf32>
  %g = seqm.load @g : tensor<2x7x4x3xf32>
  %a = seqm.load @a : tensor<2x7x4x3xf32>
  %b = seqm.load @b : tensor<2x7x4x3xf32>
  %start = seqm.load @s : tensor<2x4x3x5xf32>
  %batch = arith.constant 2 : index
  %s0 = check.make_state %start : tensor<2x4x3x5xf32> -> !seq.state<4x3x5xf32>
  %whole, %sW = seq.state_mix %q, %k, %v g(%g : tensor<2x7x4x3xf32>) a(%a : tensor<2x7x4x3xf32>) b(%b : tensor<2x7x4x3xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay channel update dplr read post
    : tensor<2x7x2x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 4, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x4x4x5xf32>
  %g1 = tensor.extract_slice %g[0, 0, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %a1 = tensor.extract_slice %a[0, 0, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %b1 = tensor.extract_slice %b[0, 0, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %o1, %s1 = seq.state_mix %q1, %k1, %v1 g(%g1 : tensor<2x4x4x3xf32>) a(%a1 : tensor<2x4x4x3xf32>) b(%b1 : tensor<2x4x4x3xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay channel update dplr read post
    : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>, tensor<2x4x4x5xf32>
  %q2 = tensor.extract_slice %q[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %k2 = tensor.extract_slice %k[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 4, 0, 0] [2, 3, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x3x4x5xf32>
  %g2 = tensor.extract_slice %g[0, 4, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %a2 = tensor.extract_slice %a[0, 4, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %b2 = tensor.extract_slice %b[0, 4, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %o2, %s2 = seq.state_mix %q2, %k2, %v2 g(%g2 : tensor<2x3x4x3xf32>) a(%a2 : tensor<2x3x4x3xf32>) b(%b2 : tensor<2x3x4x3xf32>)
    states(%s1 : !seq.state<4x3x5xf32>)
    decay channel update dplr read post
    : tensor<2x3x2x3xf32>, tensor<2x3x2x3xf32>, tensor<2x3x4x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x4x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  %sEndW = check.state_contents %sW : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  %sEnd2 = check.state_contents %s2 : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  check.expect_close %sEnd2, %sEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3x5xf32>
  return
}

func.func @head_delta() {
  %q = seqm.load @q : tensor<2x7x2x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x4x5xf32>
  %gates = seqm.load @gates : tensor<2x7x4xf32>
  %start = seqm.load @s : tensor<2x4x3x5xf32>
  %batch = arith.constant 2 : index
  %s0 = check.make_state %start : tensor<2x4x3x5xf32> -> !seq.state<4x3x5xf32>
  %whole, %sW = seq.state_mix %q, %k, %v g(%gates : tensor<2x7x4xf32>) beta(%gates : tensor<2x7x4xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay head update delta read post
    : tensor<2x7x2x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 4, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x4x4x5xf32>
  %gates1 = tensor.extract_slice %gates[0, 0, 0] [2, 4, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x4x4xf32>
  %o1, %s1 = seq.state_mix %q1, %k1, %v1 g(%gates1 : tensor<2x4x4xf32>) beta(%gates1 : tensor<2x4x4xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay head update delta read post
    : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>, tensor<2x4x4x5xf32>
  %q2 = tensor.extract_slice %q[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %k2 = tensor.extract_slice %k[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 4, 0, 0] [2, 3, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x3x4x5xf32>
  %gates2 = tensor.extract_slice %gates[0, 4, 0] [2, 3, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x3x4xf32>
  %o2, %s2 = seq.state_mix %q2, %k2, %v2 g(%gates2 : tensor<2x3x4xf32>) beta(%gates2 : tensor<2x3x4xf32>)
    states(%s1 : !seq.state<4x3x5xf32>)
    decay head update delta read post
    : tensor<2x3x2x3xf32>, tensor<2x3x2x3xf32>, tensor<2x3x4x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x4x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  %sEndW = check.state_contents %sW : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  %sEnd2 = check.state_contents %s2 : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  check.expect_close %sEnd2, %sEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3x5xf32>
  return
}

func.func @channel_outer_pre() {
  %q = seqm.load @q : tensor<2x7x2x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x4x5xf32>
  %g = seqm.load @g : tensor<2x7x4x3xf32>
  %u = seqm.load @u : tensor<4x3xf32>
  %start = seqm.load @s : tensor<2x4x3x5xf32>
  %batch = arith.constant 2 : index
  %s0 = check.make_state %start : tensor<2x4x3x5xf32> -> !seq.state<4x3x5xf32>
  %whole, %sW = seq.state_mix %q, %k, %v g(%g : tensor<2x7x4x3xf32>) u(%u : tensor<4x3xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay channel update outer read pre
    : tensor<2x7x2x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 4, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x4x4x5xf32>
  %g1 = tensor.extract_slice %g[0, 0, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %o1, %s1 = seq.state_mix %q1, %k1, %v1 g(%g1 : tensor<2x4x4x3xf32>) u(%u : tensor<4x3xf32>)
    states(%s0 : !seq.state<4x3x5xf32>)
    decay channel update outer read pre
    : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>, tensor<2x4x4x5xf32>
  %q2 = tensor.extract_slice %q[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %k2 = tensor.extract_slice %k[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 4, 0, 0] [2, 3, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x3x4x5xf32>
  %g2 = tensor.extract_slice %g[0, 4, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %o2, %s2 = seq.state_mix %q2, %k2, %v2 g(%g2 : tensor<2x3x4x3xf32>) u(%u : tensor<4x3xf32>)
    states(%s1 : !seq.state<4x3x5xf32>)
    decay channel update outer read pre
    : tensor<2x3x2x3xf32>, tensor<2x3x2x3xf32>, tensor<2x3x4x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x4x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  %sEndW = check.state_contents %sW : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  %sEnd2 = check.state_contents %s2 : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  check.expect_close %sEnd2, %sEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3x5xf32>
  return
}

func.func @static_gated_ratio() {
  %q = seqm.load @q : tensor<2x7x2x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x4x5xf32>
  %u = seqm.load @u : tensor<4x3xf32>
  %gates = seqm.load @gates : tensor<2x7x4xf32>
  %start = seqm.load @s : tensor<2x4x3x5xf32>
  %batch = arith.constant 2 : index
  %s0 = check.make_state %start : tensor<2x4x3x5xf32> -> !seq.state<4x3x5xf32>
  %n0 = seq.state_init %batch : !seq.state<4x3xf32>
  %m0 = seq.state_init %batch : !seq.state<4xf32, init = -1.0e38>
  %whole, %sW, %nW, %mW = seq.state_mix %q, %k, %v g(%u : tensor<4x3xf32>) u(%u : tensor<4x3xf32>) i(%gates : tensor<2x7x4xf32>)
    states(%s0, %n0, %m0 : !seq.state<4x3x5xf32>, !seq.state<4x3xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay static update outer read pre normaliser ratio {u_exp}
    : tensor<2x7x2x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 4, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x4x4x5xf32>
  %gates1 = tensor.extract_slice %gates[0, 0, 0] [2, 4, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x4x4xf32>
  %o1, %s1, %n1, %m1 = seq.state_mix %q1, %k1, %v1 g(%u : tensor<4x3xf32>) u(%u : tensor<4x3xf32>) i(%gates1 : tensor<2x4x4xf32>)
    states(%s0, %n0, %m0 : !seq.state<4x3x5xf32>, !seq.state<4x3xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay static update outer read pre normaliser ratio {u_exp}
    : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>, tensor<2x4x4x5xf32>
  %q2 = tensor.extract_slice %q[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %k2 = tensor.extract_slice %k[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 4, 0, 0] [2, 3, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x3x4x5xf32>
  %gates2 = tensor.extract_slice %gates[0, 4, 0] [2, 3, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x3x4xf32>
  %o2, %s2, %n2, %m2 = seq.state_mix %q2, %k2, %v2 g(%u : tensor<4x3xf32>) u(%u : tensor<4x3xf32>) i(%gates2 : tensor<2x3x4xf32>)
    states(%s1, %n1, %m1 : !seq.state<4x3x5xf32>, !seq.state<4x3xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay static update outer read pre normaliser ratio {u_exp}
    : tensor<2x3x2x3xf32>, tensor<2x3x2x3xf32>, tensor<2x3x4x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x4x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  %sEndW = check.state_contents %sW : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  %sEnd2 = check.state_contents %s2 : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  check.expect_close %sEnd2, %sEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3x5xf32>
  %nEndW = check.state_contents %nW : !seq.state<4x3xf32> -> tensor<2x4x3xf32>
  %nEnd2 = check.state_contents %n2 : !seq.state<4x3xf32> -> tensor<2x4x3xf32>
  check.expect_close %nEnd2, %nEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3xf32>
  %mEndW = check.state_contents %mW : !seq.state<4xf32, init = -1.0e38> -> tensor<2x4xf32>
  %mEnd2 = check.state_contents %m2 : !seq.state<4xf32, init = -1.0e38> -> tensor<2x4xf32>
  check.expect_close %mEnd2, %mEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4xf32>
  return
}

func.func @channel_gated() {
  %q = seqm.load @q : tensor<2x7x2x3xf32>
  %k = seqm.load @k : tensor<2x7x2x3xf32>
  %v = seqm.load @v : tensor<2x7x4x5xf32>
  %g = seqm.load @g : tensor<2x7x4x3xf32>
  %gates = seqm.load @gates : tensor<2x7x4xf32>
  %start = seqm.load @s : tensor<2x4x3x5xf32>
  %batch = arith.constant 2 : index
  %s0 = check.make_state %start : tensor<2x4x3x5xf32> -> !seq.state<4x3x5xf32>
  %m0 = seq.state_init %batch : !seq.state<4xf32, init = -1.0e38>
  %whole, %sW, %mW = seq.state_mix %q, %k, %v g(%g : tensor<2x7x4x3xf32>) i(%gates : tensor<2x7x4xf32>)
    states(%s0, %m0 : !seq.state<4x3x5xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay channel update outer read post {scale = 0.5 : f64}
    : tensor<2x7x2x3xf32>, tensor<2x7x2x3xf32>, tensor<2x7x4x5xf32>
  %q1 = tensor.extract_slice %q[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %k1 = tensor.extract_slice %k[0, 0, 0, 0] [2, 4, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x4x2x3xf32>
  %v1 = tensor.extract_slice %v[0, 0, 0, 0] [2, 4, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x4x4x5xf32>
  %g1 = tensor.extract_slice %g[0, 0, 0, 0] [2, 4, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x4x4x3xf32>
  %gates1 = tensor.extract_slice %gates[0, 0, 0] [2, 4, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x4x4xf32>
  %o1, %s1, %m1 = seq.state_mix %q1, %k1, %v1 g(%g1 : tensor<2x4x4x3xf32>) i(%gates1 : tensor<2x4x4xf32>)
    states(%s0, %m0 : !seq.state<4x3x5xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay channel update outer read post {scale = 0.5 : f64}
    : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>, tensor<2x4x4x5xf32>
  %q2 = tensor.extract_slice %q[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %k2 = tensor.extract_slice %k[0, 4, 0, 0] [2, 3, 2, 3] [1, 1, 1, 1] : tensor<2x7x2x3xf32> to tensor<2x3x2x3xf32>
  %v2 = tensor.extract_slice %v[0, 4, 0, 0] [2, 3, 4, 5] [1, 1, 1, 1] : tensor<2x7x4x5xf32> to tensor<2x3x4x5xf32>
  %g2 = tensor.extract_slice %g[0, 4, 0, 0] [2, 3, 4, 3] [1, 1, 1, 1] : tensor<2x7x4x3xf32> to tensor<2x3x4x3xf32>
  %gates2 = tensor.extract_slice %gates[0, 4, 0] [2, 3, 4] [1, 1, 1] : tensor<2x7x4xf32> to tensor<2x3x4xf32>
  %o2, %s2, %m2 = seq.state_mix %q2, %k2, %v2 g(%g2 : tensor<2x3x4x3xf32>) i(%gates2 : tensor<2x3x4xf32>)
    states(%s1, %m1 : !seq.state<4x3x5xf32>, !seq.state<4xf32, init = -1.0e38>)
    decay channel update outer read post {scale = 0.5 : f64}
    : tensor<2x3x2x3xf32>, tensor<2x3x2x3xf32>, tensor<2x3x4x5xf32>
  %o = tensor.concat dim(1) %o1, %o2 : (tensor<2x4x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x7x4x5xf32>
  check.expect_close %o, %whole {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x7x4x5xf32>
  %sEndW = check.state_contents %sW : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  %sEnd2 = check.state_contents %s2 : !seq.state<4x3x5xf32> -> tensor<2x4x3x5xf32>
  check.expect_close %sEnd2, %sEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4x3x5xf32>
  %mEndW = check.state_contents %mW : !seq.state<4xf32, init = -1.0e38> -> tensor<2x4xf32>
  %mEnd2 = check.state_contents %m2 : !seq.state<4xf32, init = -1.0e38> -> tensor<2x4xf32>
  check.expect_close %mEnd2, %mEndW {atol = 1.0e-12 : f64, rtol = 1.0e-12 : f64} : tensor<2x4xf32>
  return
}
