answer = approve(1)
# %%
answer
