// The component's imports from WASI: two clocks and random numbers.

/** The imports of an instance whose state is in `slot`. */
export function wasiImports(slot) {
  return {
    "wasi:clocks/monotonic-clock": {
      // Stands still during imports: limits count time in Python.
      now: () => BigInt(Math.max(0, Math.round((performance.now() - slot.hostMilliseconds) * 1e6))),
    },
    "wasi:clocks/wall-clock": {
      now() {
        const milliseconds = Date.now();
        return {
          seconds: BigInt(Math.floor(milliseconds / 1000)),
          nanoseconds: (milliseconds % 1000) * 1_000_000,
        };
      },
    },
    "wasi:random/random": {
      getRandomBytes: (length) => randomBytes(slot, Number(length)),
      getRandomU64: () => randomU64(slot),
    },
    "wasi:random/insecure-seed": { insecureSeed: () => [randomU64(slot), randomU64(slot)] },
  };
}

/** SplitMix64: a run with a seed is repeatable, including the ids of its objects. */
export function seededU64(seed) {
  let state = BigInt.asUintN(64, seed);
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
}

function randomU64(slot) {
  const seeded = slot.run?.seededU64;
  return seeded === undefined ? globalThis.crypto.getRandomValues(new BigUint64Array(1))[0] : seeded();
}

function randomBytes(slot, length) {
  const bytes = new Uint8Array(length);
  if (slot.run?.seededU64 !== undefined) {
    for (let index = 0; index < length; index += 1) bytes[index] = Number(randomU64(slot) & 0xffn);
    return bytes;
  }
  // The platform returns at most 64 KiB at a time.
  for (let start = 0; start < length; start += 65536) {
    globalThis.crypto.getRandomValues(bytes.subarray(start, start + 65536));
  }
  return bytes;
}
