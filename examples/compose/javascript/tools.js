// Tools for scripts, as a component: `convert(amount, currency)` and the
// constant `RATES_OF`.

// Euros for one unit of a currency.
const rates = new Map([
  ['EUR', 1],
  ['USD', 0.86],
  ['JPY', 0.0055],
]);

export const externalCall = {
  call(request) {
    try {
      return request.name === 'convert' ? convert(request) : { tag: 'not-found' };
    } catch (error) {
      return { tag: 'raised', val: raise('RuntimeError', String(error)) };
    }
  },

  lookup({ name, receiver }) {
    return name === 'RATES_OF' && receiver === undefined
      ? value({ tag: 'text', val: '2026-11-20' })
      : { tag: 'not-found' };
  },

  // No call is ever answered with `pending`.
  settle() {
    return [];
  },
};

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
  return value({ tag: 'float', val: Number(amount.val) * rate });
}

const value = (root) => ({ tag: 'value', val: { root } });

const raised = (typeName, message) => ({ tag: 'raised', val: raise(typeName, message) });

const raise = (typeName, message) => ({ typeName, message, traceback: [] });
