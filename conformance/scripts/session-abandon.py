before = 1
answer = approve(1)
# %%
before
