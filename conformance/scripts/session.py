count = 1


def double(n):
    return 2 * n


# %%
count = double(count) + step(count)
count
# %%
count + 1
