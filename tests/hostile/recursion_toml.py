# expect: limit recursion
import tomllib
tomllib.loads('x = ' + '[' * 100_000)
