async def f(x):  # E: AD103
    return x * 2.0
