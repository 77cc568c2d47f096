# expect: limit memory
import asyncio


def fall(n):
    return 1 / n if n == 0 else fall(n - 1)


async def hold():
    try:
        fall(700)
    except ZeroDivisionError:
        await asyncio.sleep(3600)
        raise


await asyncio.gather(*[hold() for _ in range(20_000)])
