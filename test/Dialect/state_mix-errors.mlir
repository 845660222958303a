// RUN: seq-opt %s --split-input-file --verify-diagnostics

func.func @f(%q: tensor<1x3x16xf32>, %k: tensor<1x3x16xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c1}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x16xf32>, tensor<1x3x16xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x?xf32>) {
  // expected-error @+1 {{state_mix_c1}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x?xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x0x8xf32>, %k: tensor<1x3x0x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c1}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x0x8xf32>, tensor<1x3x0x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x4xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c2}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x4xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x4x4x6xf32>) {
  // expected-error @+1 {{state_mix_c2}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x4x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x3x6xf32>) {
  // expected-error @+1 {{state_mix_c3}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x3x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<4xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<4xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v decay static update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<2xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<2xf32>) decay static update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4x8xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4x8xf32>) decay head update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) decay channel update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %a: tensor<1x3x4x8xf32>) {
  // expected-error @+1 {{state_mix_c5}}
  %o = seq.state_mix %q, %k, %v a(%a : tensor<1x3x4x8xf32>) decay none update dplr read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %a: tensor<1x3x4x8xf32>, %b: tensor<1x3x4x8xf32>) {
  // expected-error @+1 {{state_mix_c5}}
  %o = seq.state_mix %q, %k, %v a(%a : tensor<1x3x4x8xf32>) b(%b : tensor<1x3x4x8xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %a: tensor<1x3x4x8xf32>, %b: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c6}}
  %o = seq.state_mix %q, %k, %v a(%a : tensor<1x3x4x8xf32>) b(%b : tensor<1x3x4xf32>) decay none update dplr read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c7}}
  %o = seq.state_mix %q, %k, %v decay none update delta read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %beta: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c7}}
  %o = seq.state_mix %q, %k, %v beta(%beta : tensor<1x3x4xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %beta: tensor<1x3x2xf32>) {
  // expected-error @+1 {{state_mix_c7}}
  %o = seq.state_mix %q, %k, %v beta(%beta : tensor<1x3x2xf32>) decay none update delta read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %u: tensor<4x8xf32>) {
  // expected-error @+1 {{state_mix_c8}}
  %o = seq.state_mix %q, %k, %v u(%u : tensor<4x8xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %u: tensor<8xf32>) {
  // expected-error @+1 {{state_mix_c8}}
  %o = seq.state_mix %q, %k, %v u(%u : tensor<8xf32>) decay none update outer read pre : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %i: tensor<4xf32>) {
  // expected-error @+1 {{state_mix_c9}}
  %o = seq.state_mix %q, %k, %v i(%i : tensor<4xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %beta: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c10}}
  %o = seq.state_mix %q, %k, %v beta(%beta : tensor<1x3x4xf32>) decay none update delta read post normaliser ratio : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %beta: tensor<1x3x4xf32>, %i: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c10}}
  %o = seq.state_mix %q, %k, %v beta(%beta : tensor<1x3x4xf32>) i(%i : tensor<1x3x4xf32>) decay none update delta read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c11}}
  %o = seq.state_mix %q, %k, %v decay none update outer read pre {u_exp} : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %s0: !seq.state<2x8x6xf32>) {
  // expected-error @+1 {{state_mix_c12}}
  %o:2 = seq.state_mix %q, %k, %v states(%s0 : !seq.state<2x8x6xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %s0: !seq.state<4x8x6xf32>, %s1: !seq.state<4x8xf32>) {
  // expected-error @+1 {{state_mix_c12}}
  %o:3 = seq.state_mix %q, %k, %v states(%s0, %s1 : !seq.state<4x8x6xf32>, !seq.state<4x8xf32>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %s0: !seq.state<4x8x6xbf16>) {
  // expected-error @+1 {{state_mix_c12}}
  %o:2 = seq.state_mix %q, %k, %v states(%s0 : !seq.state<4x8x6xbf16>) decay none update outer read post : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) decay factored update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>, %r: tensor<4x8xf32>) {
  // expected-error @+1 {{state_mix_c4}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) rate(%r : tensor<4x8xf32>) decay head update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c13}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post normaliser ratio {eps = -1.0 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c13}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post {eps = 0.1 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %i: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c14}}
  %o = seq.state_mix %q, %k, %v i(%i : tensor<1x3x4xf32>) decay none update outer read post normaliser ratio {eps = 0.1 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c15}}
  %o = seq.state_mix %q, %k, %v decay none update outer read pre normaliser max  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>, %r: tensor<4x8xf32>) {
  // expected-error @+1 {{state_mix_c16}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) rate(%r : tensor<4x8xf32>) decay factored update outer read post form parallel  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c17}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post form chunkwise {chunk = -16 : i64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c17}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post form recurrent {chunk = 16 : i64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %r: tensor<3x3xi1>) {
  // expected-error @+1 {{state_mix_c18}}
  %o = seq.state_mix %q, %k, %v reset(%r : tensor<3x3xi1>) decay none update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %n: tensor<2xi64>) {
  // expected-error @+1 {{state_mix_c18}}
  %o = seq.state_mix %q, %k, %v lengths(%n : tensor<2xi64>) decay none update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>) {
  // expected-error @+1 {{state_mix_c19}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) decay head update outer read post {g_min = 0.5 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  // expected-error @+1 {{state_mix_c19}}
  %o = seq.state_mix %q, %k, %v decay none update outer read post {g_min = -0.5 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  %g = arith.constant dense<[-0.5, 0.0, 0.125, -1.0]> : tensor<4xf32>
  // expected-error @+1 {{state_mix_c20}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<4xf32>) decay static update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>) {
  %g = arith.constant dense<[-0.5, 0.0, -0.25, -1.0]> : tensor<4xf32>
  // expected-error @+1 {{state_mix_c20}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<4xf32>) decay static update outer read post {g_min = -0.5 : f64}  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}

// -----

func.func @f(%q: tensor<1x3x2x8xf32>, %k: tensor<1x3x2x8xf32>, %v: tensor<1x3x4x6xf32>, %g: tensor<1x3x4xf32>) {
  %r = arith.constant dense<1.0> : tensor<4x8xf32>
  // expected-error @+1 {{state_mix_c20}}
  %o = seq.state_mix %q, %k, %v g(%g : tensor<1x3x4xf32>) rate(%r : tensor<4x8xf32>) decay factored update outer read post  : tensor<1x3x2x8xf32>, tensor<1x3x2x8xf32>, tensor<1x3x4x6xf32>
  return
}
