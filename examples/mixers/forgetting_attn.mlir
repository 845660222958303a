// Forgetting attention (Lin et al. 2025): softmax attention whose scores get the sum of log forget gates between key
// and query. 6 query heads with gates of their own share 3 heads of keys; `window` sees the 13 nearest keys only.
//   s_ij = q_i . k_j / sqrt(12) + G_i - G_j with G_t = g_1 + ... + g_t
// q [B,T,6,12], k, v [B,T,3,12]; g [B,T,6]: logarithms of the gates, at most 0.
//
// The difference is part of the inner product: in front of their channels keys hold -G_j of the 2 heads that share
// them, and queries a 1 for their own head's, so that attention, its state and its steps are those of longer keys. Sums
// grow with T while small differences of them matter, so G is summed in f64 and given in two parts: hi, the nearest f32,
// and lo, the rest. A channel with hi_i, a constant of the row, comes first: hi_i - hi_j has no error where it matters.
!queries = tensor<?x?x6x12xf32>
!keys = tensor<?x?x3x12xf32>
!long_queries = tensor<?x?x6x17xf32>
!long_keys = tensor<?x?x3x17xf32>
!gates = tensor<?x?x6xf32>
!sums = tensor<?x?x6xf64>
!pairs = tensor<?x?x3x2xf32>
#head = affine_map<(b, t, h, d) -> (b, t, h)>
#channel = affine_map<(b, t, h, d) -> (b, t, h, d)>
module attributes {seqm.name = "forgetting_attn", seqm.context = 4096 : i64} {
  seqm.export "forward" = @forgetting_attn kind "forward" arguments ["q", "k", "v", "g"] results ["o"]
  seqm.export "window" = @window kind "forward" arguments ["q", "k", "v", "g"] results ["o"]

  // G as hi + lo.
  func.func private @sum(%g: !gates) -> (!gates, !gates) {
    %wide = arith.extf %g : !gates to !sums
    %no_decay = arith.constant dense<0.0> : tensor<6xf64>
    %sum = seq.scan %wide, %no_decay : !sums, tensor<6xf64>
    %hi = arith.truncf %sum : !sums to !gates
    %back = arith.extf %hi : !gates to !sums
    %rest = arith.subf %sum, %back : !sums
    %lo = arith.truncf %rest : !sums to !gates
    return %hi, %lo : !gates, !gates
  }

  // Channels hi_i, 1 for the own head of 2, again that for lo, then q / sqrt(12).
  func.func private @lengthen_queries(%q: !queries, %hi: !gates) -> !long_queries {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %q, %zero : !queries
    %t = tensor.dim %q, %one : !queries
    %none = arith.constant 0.0 : f32
    %start = tensor.splat %none[%b, %t] : !long_queries
    %selected = linalg.generic {indexing_maps = [#head, #channel],
                                iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%hi : !gates) outs(%start : !long_queries) {
    ^bb0(%sum: f32, %out: f32):
      %h = linalg.index 2 : index
      %d = linalg.index 3 : index
      %first = arith.constant 0 : index
      %two = arith.constant 2 : index
      %three = arith.constant 3 : index
      %nothing = arith.constant 0.0 : f32
      %unit = arith.constant 1.0 : f32
      %own = arith.remui %h, %two : index
      %hiChannel = arith.addi %own, %one : index
      %loChannel = arith.addi %own, %three : index
      %isHi = arith.cmpi eq, %d, %hiChannel : index
      %isLo = arith.cmpi eq, %d, %loChannel : index
      %isOwn = arith.ori %isHi, %isLo : i1
      %select = arith.select %isOwn, %unit, %nothing : f32
      %isFirst = arith.cmpi eq, %d, %first : index
      %value = arith.select %isFirst, %sum, %select : f32
      linalg.yield %value : f32
    } -> !long_queries
    %scale = arith.constant 0.28867513459481287 : f32
    %scales = tensor.splat %scale[%b, %t] : !queries
    %scaled = arith.mulf %q, %scales : !queries
    %y = tensor.insert_slice %scaled into %selected[0, 0, 0, 5] [%b, %t, 6, 12] [1, 1, 1, 1]
      : !queries into !long_queries
    return %y : !long_queries
  }

  // Channels 1, -hi_j of both heads, -lo_j of both, then k.
  func.func private @lengthen_keys(%k: !keys, %hi: !gates, %lo: !gates) -> !long_keys {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %k, %zero : !keys
    %t = tensor.dim %k, %one : !keys
    %unit = arith.constant 1.0 : f32
    %start = tensor.splat %unit[%b, %t] : !long_keys
    %minusHi = arith.negf %hi : !gates
    %minusLo = arith.negf %lo : !gates
    %hiPairs = seq.split_heads %minusHi 3 : !gates
    %loPairs = seq.split_heads %minusLo 3 : !gates
    %0 = tensor.insert_slice %hiPairs into %start[0, 0, 0, 1] [%b, %t, 3, 2] [1, 1, 1, 1] : !pairs into !long_keys
    %1 = tensor.insert_slice %loPairs into %0[0, 0, 0, 3] [%b, %t, 3, 2] [1, 1, 1, 1] : !pairs into !long_keys
    %2 = tensor.insert_slice %k into %1[0, 0, 0, 5] [%b, %t, 3, 12] [1, 1, 1, 1] : !keys into !long_keys
    return %2 : !long_keys
  }

  func.func @forgetting_attn(%q: !queries, %k: !keys, %v: !keys, %g: !gates) -> !queries {
    %hi, %lo = call @sum(%g) : (!gates) -> (!gates, !gates)
    %queries = call @lengthen_queries(%q, %hi) : (!queries, !gates) -> !long_queries
    %keys = call @lengthen_keys(%k, %hi, %lo) : (!keys, !gates, !gates) -> !long_keys
    %o = seq.attention %queries, %keys, %v {causal, scale = 1.0} : !long_queries, !long_keys, !keys
    return %o : !queries
  }

  func.func @window(%q: !queries, %k: !keys, %v: !keys, %g: !gates) -> !queries {
    %hi, %lo = call @sum(%g) : (!gates) -> (!gates, !gates)
    %queries = call @lengthen_queries(%q, %hi) : (!queries, !gates) -> !long_queries
    %keys = call @lengthen_keys(%k, %hi, %lo) : (!keys, !gates, !gates) -> !long_keys
    %o = seq.attention %queries, %keys, %v {causal, scale = 1.0, window = 13 : i64} : !long_queries, !long_keys, !keys
    return %o : !queries
  }
}
