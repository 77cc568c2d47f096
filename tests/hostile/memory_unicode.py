# expect: limit memory; memory: 16MiB
import unicodedata
unicodedata.normalize('NFKD', '\ufdfa' * 10_000_000)
