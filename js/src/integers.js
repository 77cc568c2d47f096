// `int`s of any size as little-endian two's complement, in linear time: engines read and
// write hexadecimal digits without dividing.

import { CapError } from "./graph.js";

const ZERO = 0x30;
const A = 0x61;

/** The number in some bytes. No bytes are zero. */
export function fromBytes(bytes) {
  const isNegative = bytes.length > 0 && bytes[bytes.length - 1] >= 0x80;
  const digits = new Uint8Array(2 * bytes.length + 3);
  digits.set([ZERO, 0x78, ZERO]); // 0x0…
  let position = 3;
  for (let index = bytes.length - 1; index >= 0; index -= 1) {
    // Of a negative number, the magnitude minus one.
    const byte = isNegative ? bytes[index] ^ 0xff : bytes[index];
    digits[position++] = toDigit(byte >> 4);
    digits[position++] = toDigit(byte & 0xf);
  }
  let magnitude;
  try {
    magnitude = BigInt(new TextDecoder().decode(digits));
  } catch {
    throw new CapError(`an int of ${bytes.length} bytes exceeds the bigints of this engine`);
  }
  return isNegative ? ~magnitude : magnitude;
}

/** A number in as few bytes as possible. */
export function toBytes(value) {
  const isNegative = value < 0n;
  const digits = (isNegative ? ~value : value).toString(16);
  // Plus one bit for the sign.
  const length = (4 * (digits.length - 1) + bitsOf(fromDigit(digits.charCodeAt(0)))) / 8;
  const bytes = new Uint8Array(Math.floor(length) + 1);
  for (let index = 0, end = digits.length; end > 0; index += 1, end -= 2) {
    const high = end > 1 ? fromDigit(digits.charCodeAt(end - 2)) : 0;
    bytes[index] = (high << 4) | fromDigit(digits.charCodeAt(end - 1));
  }
  if (isNegative) {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] ^= 0xff;
  }
  return bytes;
}

/** Whether a number takes more than `length` bytes, without converting it. */
export function isLonger(value, length) {
  const rest = value >> BigInt(Math.max(8 * length - 1, 0));
  return rest !== 0n && rest !== -1n;
}

function toDigit(value) {
  return value < 10 ? ZERO + value : A + value - 10;
}

function fromDigit(code) {
  return code < A ? code - ZERO : code - A + 10;
}

function bitsOf(digit) {
  return 32 - Math.clz32(digit);
}
