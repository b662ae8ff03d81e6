"""What the programs of the tests must contain between them, feature by feature."""

from __future__ import annotations

from tests.programs.functions import BINARY, MATH, MATH_BINARY, UNARY


def words(text: str) -> list[str]:
    return text.split()


LANGUAGE = words("""
    annotated_assign annotated_param chained_assign tuple_assign swap swap_elements overwrite
    self_overwrite unpack_array tuple_local aug_name aug_array element_aug slice_aug fancy_aug mask_aug
    view_aug list_aug if elif else ternary and or not chained_comparison bool_variable int_condition
    any_all defined_in_branches running_extreme for_range range_start range_step range_negative_step
    range_empty reversed_range for_array for_rows for_enumerate for_enumerate_start for_zip for_reversed
    for_literal buffer_filled nested_loop while while_value while_true break continue loop_else for_else
    loop_local_after stencil early_return return_in_loop return_tuple return_array return_scalar
    element_read element_read_nd slice_read row_read newaxis ellipsis negative_index negative_step
    step_slice dynamic_index dynamic_slice fancy_read fancy_repeated fancy_write fancy_pairs index_array
    mask_read mask_write mask_write_2d mask_variable element_write element_write_nd slice_write
    row_write column_write overlapping_write write_broadcast chained_index_write alias view_slice
    view_row view_T view_reshape view_ravel view_reversed shared_write arg_inplace rank_change
    rank_change_loop broadcast broadcast_1 broadcast_outer scalar_array keepdims broadcast_own_reduction
    softmax axis call call_keyword call_default call_writes call_writes_view call_tuple call_tuple_kept
    call_in_expression call_in_loop call_elementwise call_two_signatures recursion procedure
    list_literal list_empty list_append list_append_alias list_pop list_index list_write list_iterate
    list_drained list_of_arrays list_sum comprehension assert assert_shape print fstring pass raise
    comment string docstring int_bookkeeping shape_query shape_unpacked constant constant_derived
    constant_array constant_int from_import import_plain math_constant int_literal int_param bool_param
    int_in_float variable_exponent hard_name
    """)

OPERATORS = [f"op {op}" for op in words("+ - * / // % ** @ < <= > >= == != & | ~")]
OPERATORS += ["unary -", "unary +", "aug +=", "aug -=", "aug *=", "aug /=", "aug **="]

BUILTINS = [f"builtin {name}" for name in words("abs max min float pow sum")]

NUMPY = words("""
    np.sum np.mean np.max np.min np.prod np.var np.std .sum .mean .max .min .prod .var .std np.dot .dot
    np.matmul np.inner np.vdot einsum np.trace np.diagonal np.diag np.outer np.linalg.det
    np.linalg.slogdet np.linalg.norm np.linalg.inv np.linalg.solve np.linalg.cholesky np.where np.clip
    .clip np.zeros np.ones np.full np.zeros_like np.ones_like np.empty np.empty_like np.eye np.arange
    np.linspace np.array np.asarray astype np.concatenate np.hstack np.vstack np.stack np.column_stack
    np.split np.repeat np.tile np.roll np.flip np.sort np.argsort np.argmax np.argmin np.cumsum .cumsum
    np.cumprod np.diff np.cross np.tril np.triu np.broadcast_to np.expand_dims np.squeeze .squeeze
    np.swapaxes np.moveaxis np.transpose .transpose .T reshape .reshape np.ravel .ravel .flatten np.copy
    .copy .fill
    """)

FEATURES = frozenset([*LANGUAGE, *OPERATORS, *BUILTINS, *NUMPY, *UNARY, *BINARY, *MATH, *MATH_BINARY])
