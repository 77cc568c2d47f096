count = 1
# %%
count = count + approve(1)
count
# %%
count
