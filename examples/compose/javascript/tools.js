// Tools for scripts, as a component: `convert(amount, currency)` and the
// constant `RATES_OF`.

// Euros for one unit of a currency.
const rates = new Map([
  ['EUR', 1],
  ['USD', 0.86],
  ['JPY', 0.0055],
]);

export const externalCall = {
  // No call is ever answered with `pending`.
  PendingCall: class PendingCall {},

  call(request) {
    return { tag: 'answered', val: answer(request) };
  },

  getName(name) {
    return name === 'RATES_OF' ? scalar({ tag: 'text', val: '2026-11-20' }) : undefined;
  },

  // No value here is an object with attributes.
  getAttribute() {
    return undefined;
  },

  settle() {
    return [];
  },
};

function answer(request) {
  try {
    return request.name === 'convert' && request.receiver === undefined
      ? convert(request)
      : { tag: 'not-found' };
  } catch (error) {
    return raised('RuntimeError', String(error));
  }
}

// `convert(amount, currency="EUR")`. Scalars arrive whole; a list or a dict
// would be a node of `request.graph`. An `int` arrives as a BigInt.
function convert({ positional, keyword }) {
  const argument = (index, name) =>
    positional[index] ?? keyword.find((given) => given.name === name)?.value;
  const amount = argument(0, 'amount');
  if (amount?.tag !== 'integer' && amount?.tag !== 'float') {
    return raised('TypeError', 'convert() needs a number `amount`');
  }
  const currency = argument(1, 'currency') ?? { tag: 'text', val: 'EUR' };
  if (currency.tag !== 'text') {
    return raised('TypeError', "`currency` is a str, such as 'USD'");
  }
  const rate = rates.get(currency.val);
  if (rate === undefined) {
    return raised('ValueError', '`currency` is one of EUR, USD and JPY');
  }
  return { tag: 'value', val: scalar({ tag: 'float', val: Number(amount.val) * rate }) };
}

const scalar = (root) => ({ root });

const raised = (typeName, message) => ({ tag: 'raised', val: { typeName, message } });
