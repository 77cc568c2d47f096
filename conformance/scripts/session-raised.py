kept = 1
fail()
lost = 2
# %%
kept
# %%
lost
