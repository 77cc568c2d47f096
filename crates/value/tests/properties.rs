//! Values of any make come back from a message, and from serde, as they were.

use monty_value::graph::GraphCaps;
use monty_value::types::Operand;
use monty_value::{BigInt, Value, from_value, to_value};
use proptest::prelude::*;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|bytes| Value::from(BigInt::from_signed_bytes_le(&bytes))),
        any::<u64>().prop_map(|bits| Value::from(f64::from_bits(bits))),
        any::<String>().prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::bytes),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        let items = prop::collection::vec(inner.clone(), 0..8);
        prop_oneof![
            items.clone().prop_map(Value::list),
            items.clone().prop_map(Value::tuple),
            items.clone().prop_map(Value::set),
            items.prop_map(Value::frozen_set),
            prop::collection::vec((inner.clone(), inner.clone()), 0..8).prop_map(Value::dict),
            inner
                .clone()
                .prop_map(|shared| Value::list([shared.clone(), shared])),
            prop::collection::vec(("[a-z]{1,5}", inner), 0..4)
                .prop_map(|fields| Value::named_tuple("T", fields)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_message_carries_it(value in any_value()) {
        let message = value.to_message().unwrap();
        let back = Value::from_message(&message, GraphCaps::DEFAULT).unwrap();
        prop_assert_eq!(&back, &value);
    }

    #[test]
    fn serde_passes_it(value in any_value()) {
        let back: (Value, i32) = from_value(to_value(&(&value, 1)).unwrap()).unwrap();
        prop_assert_eq!(back.0, value);
    }

    #[test]
    fn a_graph_that_was_tampered_with_does_no_harm(
        value in any_value(),
        column in 0_usize..6,
        position in any::<prop::sample::Index>(),
        number in 0_u32..40,
    ) {
        let mut message = Value::list([value]).to_message().unwrap();
        let graph = message.graph.as_mut().unwrap();
        let numbers = match column {
            0 => &mut graph.counts,
            1 => &mut graph.children,
            2 => &mut graph.text_lengths,
            3 => &mut graph.blob_lengths,
            4 => {
                let kind = position.get_mut(&mut graph.kinds);
                *kind = u8::try_from(number).unwrap();
                &mut vec![]
            }
            _ => {
                message.root = Operand::Node(number);
                &mut vec![]
            }
        };
        if !numbers.is_empty() {
            *position.get_mut(numbers) = number;
        }
        // Refused, or another value: never a panic.
        if let Ok(value) = Value::from_message(&message, GraphCaps::DEFAULT) {
            prop_assert!(!value.to_string().is_empty());
        }
    }
}
