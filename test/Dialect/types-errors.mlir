// RUN: seq-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{state_c1: the element type of a state is a float or i64, not 'i32'}}
func.func private @f(!seq.state<4xi32>)

// -----

// expected-error @+1 {{state_c2}}
func.func private @f(!seq.state<4x0xf32>)

// -----

// expected-error @+1 {{state_c3}}
func.func private @f(!seq.state<4xi64, init = 0.5>)

// -----

// expected-error @+1 {{state_c3}}
func.func private @f(!seq.state<i64, init = 1.0e38>)

// -----

// expected-error @+1 {{kv_c1: the element type of keys and values is a float, not 'i8'}}
func.func private @f(!seq.kv<2x4xi8>)

// -----

// expected-error @+1 {{kv_c2}}
func.func private @f(!seq.kv<0x4xf32>)

// -----

// expected-error @+1 {{a KV state has heads x channels}}
func.func private @f(!seq.kv<4xf32>)
