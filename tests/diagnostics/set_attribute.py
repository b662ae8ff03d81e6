def f(state, x):
    state.value = x * x  # E: AD203
    return state.value * x  # E: AD202
