// RUN: seq-opt %s --seq-interpret -o /dev/null

func.func @unary() {
  %x = arith.constant dense<[0.25, 0.75]> : tensor<2xf64>
  %absf = math.absf %x : tensor<2xf64>
  %absfWant = arith.constant dense<[0.25, 0.75]> : tensor<2xf64>
  check.expect_close %absf, %absfWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %acos = math.acos %x : tensor<2xf64>
  %acosWant = arith.constant dense<[1.318116071652818, 0.7227342478134157]> : tensor<2xf64>
  check.expect_close %acos, %acosWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %asin = math.asin %x : tensor<2xf64>
  %asinWant = arith.constant dense<[0.25268025514207865, 0.848062078981481]> : tensor<2xf64>
  check.expect_close %asin, %asinWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %atan = math.atan %x : tensor<2xf64>
  %atanWant = arith.constant dense<[0.24497866312686414, 0.6435011087932844]> : tensor<2xf64>
  check.expect_close %atan, %atanWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %atanh = math.atanh %x : tensor<2xf64>
  %atanhWant = arith.constant dense<[0.25541281188299536, 0.9729550745276566]> : tensor<2xf64>
  check.expect_close %atanh, %atanhWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %asinh = math.asinh %x : tensor<2xf64>
  %asinhWant = arith.constant dense<[0.24746646154726346, 0.6931471805599453]> : tensor<2xf64>
  check.expect_close %asinh, %asinhWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %cbrt = math.cbrt %x : tensor<2xf64>
  %cbrtWant = arith.constant dense<[0.6299605249474366, 0.9085602964160698]> : tensor<2xf64>
  check.expect_close %cbrt, %cbrtWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %ceil = math.ceil %x : tensor<2xf64>
  %ceilWant = arith.constant dense<[1.0, 1.0]> : tensor<2xf64>
  check.expect_close %ceil, %ceilWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %cos = math.cos %x : tensor<2xf64>
  %cosWant = arith.constant dense<[0.9689124217106447, 0.7316888688738209]> : tensor<2xf64>
  check.expect_close %cos, %cosWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %cosh = math.cosh %x : tensor<2xf64>
  %coshWant = arith.constant dense<[1.0314130998795732, 1.2946832846768448]> : tensor<2xf64>
  check.expect_close %cosh, %coshWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %erf = math.erf %x : tensor<2xf64>
  %erfWant = arith.constant dense<[0.2763263901682369, 0.7111556336535151]> : tensor<2xf64>
  check.expect_close %erf, %erfWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %erfc = math.erfc %x : tensor<2xf64>
  %erfcWant = arith.constant dense<[0.7236736098317631, 0.28884436634648486]> : tensor<2xf64>
  check.expect_close %erfc, %erfcWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %exp = math.exp %x : tensor<2xf64>
  %expWant = arith.constant dense<[1.2840254166877414, 2.117000016612675]> : tensor<2xf64>
  check.expect_close %exp, %expWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %exp2 = math.exp2 %x : tensor<2xf64>
  %exp2Want = arith.constant dense<[1.189207115002721, 1.681792830507429]> : tensor<2xf64>
  check.expect_close %exp2, %exp2Want {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %expm1 = math.expm1 %x : tensor<2xf64>
  %expm1Want = arith.constant dense<[0.2840254166877415, 1.1170000166126748]> : tensor<2xf64>
  check.expect_close %expm1, %expm1Want {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %floor = math.floor %x : tensor<2xf64>
  %floorWant = arith.constant dense<[0.0, 0.0]> : tensor<2xf64>
  check.expect_close %floor, %floorWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %log = math.log %x : tensor<2xf64>
  %logWant = arith.constant dense<[-1.3862943611198906, -0.2876820724517809]> : tensor<2xf64>
  check.expect_close %log, %logWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %log10 = math.log10 %x : tensor<2xf64>
  %log10Want = arith.constant dense<[-0.6020599913279624, -0.12493873660829993]> : tensor<2xf64>
  check.expect_close %log10, %log10Want {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %log1p = math.log1p %x : tensor<2xf64>
  %log1pWant = arith.constant dense<[0.22314355131420976, 0.5596157879354227]> : tensor<2xf64>
  check.expect_close %log1p, %log1pWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %log2 = math.log2 %x : tensor<2xf64>
  %log2Want = arith.constant dense<[-2.0, -0.4150374992788438]> : tensor<2xf64>
  check.expect_close %log2, %log2Want {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %rsqrt = math.rsqrt %x : tensor<2xf64>
  %rsqrtWant = arith.constant dense<[2.0, 1.1547005383792517]> : tensor<2xf64>
  check.expect_close %rsqrt, %rsqrtWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %sin = math.sin %x : tensor<2xf64>
  %sinWant = arith.constant dense<[0.24740395925452294, 0.6816387600233341]> : tensor<2xf64>
  check.expect_close %sin, %sinWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %sinh = math.sinh %x : tensor<2xf64>
  %sinhWant = arith.constant dense<[0.2526123168081683, 0.82231673193583]> : tensor<2xf64>
  check.expect_close %sinh, %sinhWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %sqrt = math.sqrt %x : tensor<2xf64>
  %sqrtWant = arith.constant dense<[0.5, 0.8660254037844386]> : tensor<2xf64>
  check.expect_close %sqrt, %sqrtWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %tan = math.tan %x : tensor<2xf64>
  %tanWant = arith.constant dense<[0.25534192122103627, 0.9315964599440725]> : tensor<2xf64>
  check.expect_close %tan, %tanWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %tanh = math.tanh %x : tensor<2xf64>
  %tanhWant = arith.constant dense<[0.24491866240370913, 0.6351489523872873]> : tensor<2xf64>
  check.expect_close %tanh, %tanhWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  %trunc = math.trunc %x : tensor<2xf64>
  %truncWant = arith.constant dense<[0.0, 0.0]> : tensor<2xf64>
  check.expect_close %trunc, %truncWant {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  return
}

// Halves round away from 0, or to even.
func.func @rounding() {
  %x = arith.constant dense<[-2.5, -0.5, 0.5, 1.5, 2.5]> : tensor<5xf64>
  %away = math.round %x : tensor<5xf64>
  %even = math.roundeven %x : tensor<5xf64>
  %wantAway = arith.constant dense<[-3.0, -1.0, 1.0, 2.0, 3.0]> : tensor<5xf64>
  %wantEven = arith.constant dense<[-2.0, 0.0, 0.0, 2.0, 2.0]> : tensor<5xf64>
  check.expect_equal %away, %wantAway : tensor<5xf64>
  check.expect_equal %even, %wantEven : tensor<5xf64>
  return
}

func.func @several() {
  %x = arith.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %y = arith.constant dense<[-3.0, 0.5]> : tensor<2xf64>
  %z = arith.constant dense<[1.0, 100.0]> : tensor<2xf64>
  %n = arith.constant dense<[-2, 3]> : tensor<2xi32>
  %pow = math.powf %x, %y : tensor<2xf64>
  %atan2 = math.atan2 %y, %x : tensor<2xf64>
  %sign = math.copysign %x, %y : tensor<2xf64>
  %fma = math.fma %x, %y, %z : tensor<2xf64>
  %powi = math.fpowi %x, %n : tensor<2xf64>, tensor<2xi32>
  %absi = math.absi %n : tensor<2xi32>
  %wantPow = arith.constant dense<[0.125, 2.0]> : tensor<2xf64>
  %wantAtan2 = arith.constant dense<[-0.982793723247329, 0.12435499454676144]> : tensor<2xf64>
  %wantSign = arith.constant dense<[-2.0, 4.0]> : tensor<2xf64>
  %wantFma = arith.constant dense<[-5.0, 102.0]> : tensor<2xf64>
  %wantPowi = arith.constant dense<[0.25, 64.0]> : tensor<2xf64>
  %wantAbsi = arith.constant dense<[2, 3]> : tensor<2xi32>
  check.expect_close %pow, %wantPow : tensor<2xf64>
  check.expect_close %atan2, %wantAtan2 {atol = 1.0e-15 : f64, rtol = 1.0e-15 : f64} : tensor<2xf64>
  check.expect_equal %sign, %wantSign : tensor<2xf64>
  check.expect_equal %fma, %wantFma : tensor<2xf64>
  check.expect_equal %powi, %wantPowi : tensor<2xf64>
  check.expect_equal %absi, %wantAbsi : tensor<2xi32>
  return
}

func.func @tests() {
  %x = arith.constant dense<[1.0, 0x7FF0000000000000, 0x7FF8000000000000]> : tensor<3xf64>
  %finite = math.isfinite %x : tensor<3xf64>
  %inf = math.isinf %x : tensor<3xf64>
  %nan = math.isnan %x : tensor<3xf64>
  %wantFinite = arith.constant dense<[true, false, false]> : tensor<3xi1>
  %wantInf = arith.constant dense<[false, true, false]> : tensor<3xi1>
  %wantNan = arith.constant dense<[false, false, true]> : tensor<3xi1>
  check.expect_equal %finite, %wantFinite : tensor<3xi1>
  check.expect_equal %inf, %wantInf : tensor<3xi1>
  check.expect_equal %nan, %wantNan : tensor<3xi1>
  return
}
