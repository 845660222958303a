// RUN: seq-opt %s --seq-interpret -o /dev/null

// One head of one channel: S is a number. k v = 3, then 10.
func.func @decay_none() {
  %q = arith.constant dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %o = seq.state_mix %q, %k, %v decay none update outer read post {scale = 2.0 : f64}
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  // 2 * 3 * 1, then 2 * (3 + 10) * 10.
  %want = arith.constant dense<[[[[6.0]], [[260.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// S = k v^T has a row a channel of k: a query reads v, weighed by its product with k.
func.func @orientation() {
  %q = arith.constant dense<[[[[1.0, -1.0]]]]> : tensor<1x1x1x2xf64>
  %k = arith.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf64>
  %v = arith.constant dense<[[[[3.0, 4.0, 5.0]]]]> : tensor<1x1x1x3xf64>
  %batch = arith.constant 1 : index
  %s0 = seq.state_init %batch : !seq.state<1x2x3xf64>
  %o, %s1 = seq.state_mix %q, %k, %v states(%s0 : !seq.state<1x2x3xf64>) decay none update outer read post
    : tensor<1x1x1x2xf64>, tensor<1x1x1x2xf64>, tensor<1x1x1x3xf64>
  %s = check.state_contents %s1 : !seq.state<1x2x3xf64> -> tensor<1x1x2x3xf64>
  %want = arith.constant dense<[[[[-3.0, -4.0, -5.0]]]]> : tensor<1x1x1x3xf64>
  %wantS = arith.constant dense<[[[[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]]]> : tensor<1x1x2x3xf64>
  check.expect_close %o, %want : tensor<1x1x1x3xf64>
  check.expect_close %s, %wantS : tensor<1x1x2x3xf64>
  return
}

// A decay of 1/2: of the state before the token is added, whether it is given once a head,
// once a channel, or with every token.
func.func @decay_kinds() {
  %q = arith.constant dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %g1 = arith.constant dense<-0.6931471805599453> : tensor<1xf64>
  %g2 = arith.constant dense<-0.6931471805599453> : tensor<1x1xf64>
  // Only the second token's decay acts: the state before the first one is 0.
  %g3 = arith.constant dense<[[[-7.0], [-0.6931471805599453]]]> : tensor<1x2x1xf64>
  %g4 = arith.constant dense<[[[[-7.0]], [[-0.6931471805599453]]]]> : tensor<1x2x1x1xf64>
  %head = seq.state_mix %q, %k, %v g(%g1 : tensor<1xf64>) decay static update outer read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %channel = seq.state_mix %q, %k, %v g(%g2 : tensor<1x1xf64>) decay static update outer read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %headToken = seq.state_mix %q, %k, %v g(%g3 : tensor<1x2x1xf64>) decay head update outer read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %channelToken = seq.state_mix %q, %k, %v g(%g4 : tensor<1x2x1x1xf64>) decay channel update outer read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  // 3, then (1.5 + 10) * 10.
  %want = arith.constant dense<[[[[3.0]], [[115.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %head, %want : tensor<1x2x1x1xf64>
  check.expect_close %channel, %want : tensor<1x2x1x1xf64>
  check.expect_close %headToken, %want : tensor<1x2x1x1xf64>
  check.expect_close %channelToken, %want : tensor<1x2x1x1xf64>
  return
}

// Decay and query are of a channel: rows of S decay by 1/2 and 1/4.
func.func @channels() {
  %q = arith.constant dense<[[[[1.0, 0.0]], [[0.0, 1.0]]]]> : tensor<1x2x1x2xf64>
  %k = arith.constant dense<[[[[4.0, 8.0]], [[0.0, 0.0]]]]> : tensor<1x2x1x2xf64>
  %v = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %g = arith.constant dense<[[-0.6931471805599453, -1.3862943611198906]]> : tensor<1x2xf64>
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x2xf64>) decay static update outer read post
    : tensor<1x2x1x2xf64>, tensor<1x2x1x2xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[4.0]], [[2.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// Read pre: the state before the token, and the token itself by u (or exp(u)).
func.func @read_pre() {
  %q = arith.constant dense<[[[[1.0]], [[10.0]]]]> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[1.0]], [[2.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %u = arith.constant dense<3.0> : tensor<1x1xf64>
  %logU = arith.constant dense<1.0986122886681098> : tensor<1x1xf64>
  %none = seq.state_mix %q, %k, %v decay none update outer read pre
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %plain = seq.state_mix %q, %k, %v u(%u : tensor<1x1xf64>) decay none update outer read pre
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %exp = seq.state_mix %q, %k, %v u(%logU : tensor<1x1xf64>) decay none update outer read pre {u_exp}
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  // 0 and 3 * 10; with u 1*3*1*3 and 3*10 + 10*3*2*5.
  %wantNone = arith.constant dense<[[[[0.0]], [[30.0]]]]> : tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[9.0]], [[330.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %none, %wantNone : tensor<1x2x1x1xf64>
  check.expect_close %plain, %want : tensor<1x2x1x1xf64>
  check.expect_close %exp, %want : tensor<1x2x1x1xf64>
  return
}

// The delta rule moves what the key reads half-way (beta) to v; a decay comes first.
func.func @delta() {
  %one = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<4.0> : tensor<1x2x1x1xf64>
  %beta = arith.constant dense<0.5> : tensor<1x2x1xf64>
  %g = arith.constant dense<-0.6931471805599453> : tensor<1xf64>
  %plain = seq.state_mix %one, %one, %v beta(%beta : tensor<1x2x1xf64>) decay none update delta read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %gated = seq.state_mix %one, %one, %v g(%g : tensor<1xf64>) beta(%beta : tensor<1x2x1xf64>)
    decay static update delta read post : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  // 2, then 2 + (4 - 2)/2; with the decay 1 + (4 - 1)/2.
  %want = arith.constant dense<[[[[2.0]], [[3.0]]]]> : tensor<1x2x1x1xf64>
  %wantGated = arith.constant dense<[[[[2.0]], [[2.5]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %plain, %want : tensor<1x2x1x1xf64>
  check.expect_close %gated, %wantGated : tensor<1x2x1x1xf64>
  return
}

// Diagonal plus low rank, from the state 2: a reads the state before its decay.
// 1/2 * 2 + 0.1 * (3 * 2) + 1 * 5 = 6.6.
func.func @dplr() {
  %one = arith.constant dense<1.0> : tensor<1x1x1x1xf64>
  %v = arith.constant dense<5.0> : tensor<1x1x1x1xf64>
  %a = arith.constant dense<3.0> : tensor<1x1x1x1xf64>
  %b = arith.constant dense<0.1> : tensor<1x1x1x1xf64>
  %g = arith.constant dense<-0.6931471805599453> : tensor<1x1x1x1xf64>
  %two = arith.constant dense<2.0> : tensor<1x1x1x1xf64>
  %s0 = check.make_state %two : tensor<1x1x1x1xf64> -> !seq.state<1x1x1xf64>
  %o, %s1 = seq.state_mix %one, %one, %v g(%g : tensor<1x1x1x1xf64>) a(%a : tensor<1x1x1x1xf64>)
    b(%b : tensor<1x1x1x1xf64>) states(%s0 : !seq.state<1x1x1xf64>) decay channel update dplr read post
    : tensor<1x1x1x1xf64>, tensor<1x1x1x1xf64>, tensor<1x1x1x1xf64>
  %want = arith.constant dense<6.6> : tensor<1x1x1x1xf64>
  check.expect_close %o, %want : tensor<1x1x1x1xf64>
  return
}

// The ratio divides by the same read of n; the scale cancels. v = 4 and 8, keys 1 and 3.
func.func @ratio() {
  %q = arith.constant dense<2.0> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[1.0]], [[3.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf64>
  %o = seq.state_mix %q, %k, %v decay none update outer read post
    normaliser ratio {scale = 5.0 : f64}
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[4.0]], [[7.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// An input gate multiplies what a token adds: 2 * 3, then 6 + 4 * 5. The state is kept
// relative to exp(m): S exp(m) = 26, n exp(m) = 6.
func.func @input_gate() {
  %one = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %i = arith.constant dense<[[[0.6931471805599453], [1.3862943611198906]]]> : tensor<1x2x1xf64>
  %o = seq.state_mix %one, %one, %v i(%i : tensor<1x2x1xf64>) decay none update outer read post
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[6.0]], [[26.0]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>

  %batch = arith.constant 1 : index
  %s0 = seq.state_init %batch : !seq.state<1x1x1xf64>
  %n0 = seq.state_init %batch : !seq.state<1x1xf64>
  %m0 = seq.state_init %batch : !seq.state<1xf64, init = -1.0e38>
  %r, %s1, %n1, %m1 = seq.state_mix %one, %one, %v i(%i : tensor<1x2x1xf64>)
    states(%s0, %n0, %m0 : !seq.state<1x1x1xf64>, !seq.state<1x1xf64>, !seq.state<1xf64, init = -1.0e38>)
    decay none update outer read post normaliser ratio
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %s = check.state_contents %s1 : !seq.state<1x1x1xf64> -> tensor<1x1x1x1xf64>
  %n = check.state_contents %n1 : !seq.state<1x1xf64> -> tensor<1x1x1xf64>
  %m = check.state_contents %m1 : !seq.state<1xf64, init = -1.0e38> -> tensor<1x1xf64>
  %wantR = arith.constant dense<[[[[3.0]], [[4.333333333333333]]]]> : tensor<1x2x1x1xf64>
  %wantS = arith.constant dense<6.5> : tensor<1x1x1x1xf64>
  %wantN = arith.constant dense<1.5> : tensor<1x1x1xf64>
  %wantM = arith.constant dense<1.3862943611198906> : tensor<1x1xf64>
  check.expect_close %r, %wantR : tensor<1x2x1x1xf64>
  check.expect_close %s, %wantS : tensor<1x1x1x1xf64>
  check.expect_close %n, %wantN : tensor<1x1x1xf64>
  check.expect_close %m, %wantM : tensor<1x1xf64>
  return
}

// Gates whose exponentials overflow are no obstacle to their ratio, before or after the
// update: weights 1 : 3 of 4 and 8. The pre-read of the second token weighs it by exp(u) = 2.
func.func @large_gates() {
  %one = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[4.0]], [[8.0]]]]> : tensor<1x2x1x1xf64>
  %i = arith.constant dense<[[[5000.0], [5001.09861228866811]]]> : tensor<1x2x1xf64>
  %u = arith.constant dense<0.6931471805599453> : tensor<1x1xf64>
  %post = seq.state_mix %one, %one, %v i(%i : tensor<1x2x1xf64>) decay none update outer read post
    normaliser ratio : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %pre = seq.state_mix %one, %one, %v u(%u : tensor<1x1xf64>) i(%i : tensor<1x2x1xf64>)
    decay none update outer read pre normaliser ratio {u_exp}
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %wantPost = arith.constant dense<[[[[4.0]], [[7.0]]]]> : tensor<1x2x1x1xf64>
  // (4 + 6 * 8) / 7.
  %wantPre = arith.constant dense<[[[[4.0]], [[7.428571428571429]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %post, %wantPost : tensor<1x2x1x1xf64>
  check.expect_close %pre, %wantPre : tensor<1x2x1x1xf64>
  return
}

// Two heads of values share one head of q and k.
func.func @grouped_heads() {
  %q = arith.constant dense<[[[[1.0], [100.0]]]]> : tensor<1x1x2x1xf64>
  %k = arith.constant dense<[[[[1.0], [2.0]]]]> : tensor<1x1x2x1xf64>
  %v = arith.constant dense<[[[[3.0], [4.0], [5.0], [6.0]]]]> : tensor<1x1x4x1xf64>
  %o = seq.state_mix %q, %k, %v decay none update outer read post
    : tensor<1x1x2x1xf64>, tensor<1x1x2x1xf64>, tensor<1x1x4x1xf64>
  %want = arith.constant dense<[[[[3.0], [4.0], [1000.0], [1200.0]]]]> : tensor<1x1x4x1xf64>
  check.expect_close %o, %want : tensor<1x1x4x1xf64>
  return
}

// Decay factored: dt = 1 and 2 times the rate log(1/2). 3, then 3/4 + 5.
func.func @factored() {
  %q = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<[[[[3.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %dt = arith.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf64>
  %rate = arith.constant dense<-0.6931471805599453> : tensor<1x1xf64>
  %o = seq.state_mix %q, %q, %v g(%dt : tensor<1x2x1xf64>) rate(%rate : tensor<1x1xf64>)
    decay factored update outer read post : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[3.0]], [[5.75]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// The maximum of |n q| and exp(-m) = 1: n = 1/2 does not count, n = -3/2 does; eps is added.
func.func @max() {
  %q = arith.constant dense<1.0> : tensor<1x2x1x1xf64>
  %k = arith.constant dense<[[[[0.5]], [[-2.0]]]]> : tensor<1x2x1x1xf64>
  %v = arith.constant dense<6.0> : tensor<1x2x1x1xf64>
  %o = seq.state_mix %q, %k, %v decay none update outer read post normaliser max {eps = 0.5 : f64}
    : tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %want = arith.constant dense<[[[[2.0]], [[-4.5]]]]> : tensor<1x2x1x1xf64>
  check.expect_close %o, %want : tensor<1x2x1x1xf64>
  return
}

// Sums of v = 1, 2, 4: row 0 starts anew at token 1, row 1 counts one token.
func.func @segments() {
  %q = arith.constant dense<1.0> : tensor<2x3x1x1xf64>
  %v = arith.constant dense<[[[[1.0]], [[2.0]], [[4.0]]], [[[1.0]], [[2.0]], [[4.0]]]]> : tensor<2x3x1x1xf64>
  %reset = arith.constant dense<[[false, true, false], [false, false, false]]> : tensor<2x3xi1>
  %n = arith.constant dense<[3, 1]> : tensor<2xi64>
  %o = seq.state_mix %q, %q, %v reset(%reset : tensor<2x3xi1>) lengths(%n : tensor<2xi64>)
    decay none update outer read post : tensor<2x3x1x1xf64>, tensor<2x3x1x1xf64>, tensor<2x3x1x1xf64>
  %want = arith.constant dense<[[[[1.0]], [[2.0]], [[6.0]]], [[[1.0]], [[0.0]], [[0.0]]]]> : tensor<2x3x1x1xf64>
  check.expect_close %o, %want : tensor<2x3x1x1xf64>
  %r = seq.retention %q, %q, %v reset(%reset : tensor<2x3xi1>) lengths(%n : tensor<2xi64>) {log_decay = array<f64: 0.0>}
    : tensor<2x3x1x1xf64>, tensor<2x3x1x1xf64>, tensor<2x3x1x1xf64>
  check.expect_close %r, %want : tensor<2x3x1x1xf64>
  return
}
