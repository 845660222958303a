// Gated DeltaProduct (Siems et al. 2025) with 2 updates a token: the state decays once, then the delta rule sees one
// key after the other.
//   S = exp(g) S, then twice S = S + beta k (v - S^T k)^T, o = S^T q
// q [B,T,3,12], g [B,T,3]; the keys, values and rates of both updates: k [B,T,2,3,12], v [B,T,2,3,10], beta [B,T,2,3].
// A token becomes two of a gated delta rule: the decay stands on the first, and the second one's output counts.
!queries = tensor<?x?x3x12xf32>
!values = tensor<?x?x3x10xf32>
!gates = tensor<?x?x3xf32>
!queries2 = tensor<?x?x2x3x12xf32>
!values2 = tensor<?x?x2x3x10xf32>
!gates2 = tensor<?x?x2x3xf32>
#token = affine_map<(b, t, n, h) -> (b, t, h)>
#update = affine_map<(b, t, n, h) -> (b, t, n, h)>
#query = affine_map<(b, t, n, h, d) -> (b, t, h, d)>
#both = affine_map<(b, t, n, h, d) -> (b, t, n, h, d)>
module attributes {seqm.name = "gated_delta_product"} {
  seqm.export "forward" = @gated_delta_product kind "forward" arguments ["q", "k", "v", "g", "beta"] results ["o"]

  func.func @gated_delta_product(%q: !queries, %k: !queries2, %v: !values2, %g: !gates, %beta: !gates2) -> !values {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %b = tensor.dim %q, %zero : !queries
    %t = tensor.dim %q, %one : !queries
    %emptyGates = tensor.empty(%b, %t) : !gates2
    %decays = linalg.generic {indexing_maps = [#token, #update],
                              iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%g : !gates) outs(%emptyGates : !gates2) {
    ^bb0(%in: f32, %out: f32):
      %number = linalg.index 2 : index
      %first = arith.constant 0 : index
      %isFirst = arith.cmpi eq, %number, %first : index
      %none = arith.constant 0.0 : f32
      %decay = arith.select %isFirst, %in, %none : f32
      linalg.yield %decay : f32
    } -> !gates2
    %emptyQueries = tensor.empty(%b, %t) : !queries2
    %queries = linalg.generic {indexing_maps = [#query, #both],
                               iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%q : !queries) outs(%emptyQueries : !queries2) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> !queries2

    %q2 = tensor.collapse_shape %queries [[0], [1, 2], [3], [4]] : !queries2 into !queries
    %k2 = tensor.collapse_shape %k [[0], [1, 2], [3], [4]] : !queries2 into !queries
    %v2 = tensor.collapse_shape %v [[0], [1, 2], [3], [4]] : !values2 into !values
    %g2 = tensor.collapse_shape %decays [[0], [1, 2], [3]] : !gates2 into !gates
    %beta2 = tensor.collapse_shape %beta [[0], [1, 2], [3]] : !gates2 into !gates
    %o2 = seq.state_mix %q2, %k2, %v2 g(%g2 : !gates) beta(%beta2 : !gates) decay head update delta read post
      : !queries, !queries, !values
    %all = tensor.expand_shape %o2 [[0], [1, 2], [3], [4]] output_shape [%b, %t, 2, 3, 10] : !values into !values2
    %o = tensor.extract_slice %all[0, 0, 1, 0, 0] [%b, %t, 1, 3, 10] [1, 1, 1, 1, 1] : !values2 to !values
    return %o : !values
  }
}
