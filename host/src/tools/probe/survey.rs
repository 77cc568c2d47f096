//! What was seen of a type, and where to look next.

use std::collections::HashMap;

use super::super::types::Type;

/// What was seen of one place in a type.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Seen {
    #[default]
    Nothing,
    Known(Type),
    Node(usize),
}

/// What was seen of a struct, an enum or a container.
#[derive(Debug)]
pub(super) enum Node {
    Optional(Seen),
    List(Seen),
    Dict(Seen, Seen),
    Tuple(Vec<Seen>),
    Struct(Struct),
    Enum(Enum),
}

#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: &'static str,
    pub(super) names: &'static [&'static str],
    pub(super) fields: Vec<StructField>,
    /// Whether a value was made, so that what fails next is told apart.
    pub(super) made: bool,
    /// How often it was tried with all fields seen.
    pub(super) tries: u32,
}

#[derive(Clone, Debug, Default)]
pub(super) struct StructField {
    pub(super) seen: Seen,
    pub(super) tried: bool,
    /// Another name of a field.
    pub(super) is_alias: bool,
    /// Whether it may be left out, once that was tried.
    pub(super) required: Option<bool>,
}

#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: &'static str,
    pub(super) names: &'static [&'static str],
    pub(super) variants: Vec<EnumVariant>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct EnumVariant {
    pub(super) content: Content,
    pub(super) tried: bool,
    pub(super) made: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Content {
    #[default]
    Nothing,
    Unit,
    Some(Seen),
}

/// Tells nodes apart. The names of visitors alone do not: those of the variants
/// of an enum have one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) visitor: &'static str,
    pub(super) kind: Kind,
    pub(super) variant: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Optional,
    List,
    Dict,
    Tuple(usize),
    Struct(&'static str, &'static [&'static str]),
    Enum(&'static str, &'static [&'static str]),
}

impl Kind {
    /// A node of which nothing was seen.
    fn node(self) -> Node {
        match self {
            Self::Optional => Node::Optional(Seen::Nothing),
            Self::List => Node::List(Seen::Nothing),
            Self::Dict => Node::Dict(Seen::Nothing, Seen::Nothing),
            Self::Tuple(length) => Node::Tuple(vec![Seen::Nothing; length]),
            Self::Struct(name, names) => Node::Struct(Struct {
                name,
                names,
                fields: vec![StructField::default(); names.len()],
                made: false,
                tries: 0,
            }),
            Self::Enum(name, names) => Node::Enum(Enum {
                name,
                names,
                variants: vec![EnumVariant::default(); names.len()],
            }),
        }
    }
}

/// All that was seen.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) nodes: Vec<Node>,
    pub(super) by_key: HashMap<Key, usize>,
    /// The nodes that are being deserialized, outermost first.
    pub(super) active: Vec<usize>,
    pub(super) steps: usize,
    /// Counts what was learnt.
    pub(super) news: usize,
}

impl Survey {
    /// The node of a key.
    pub(super) fn node(&mut self, key: Key) -> usize {
        if let Some(&node) = self.by_key.get(&key) {
            return node;
        }
        self.nodes.push(key.kind.node());
        self.news += 1;
        let node = self.nodes.len() - 1;
        self.by_key.insert(key, node);
        node
    }

    pub(super) fn is_active(&self, node: usize) -> bool {
        self.active.contains(&node)
    }

    /// Replaces what was seen of a place, unless by less.
    pub(super) fn note(&mut self, place: &mut Seen, seen: Seen) {
        if seen != Seen::Nothing && *place != seen {
            *place = seen;
            self.news += 1;
        }
    }

    /// The same for a place of a node.
    pub(super) fn note_in(
        &mut self,
        node: usize,
        place: fn(&mut Node) -> Option<&mut Seen>,
        seen: Seen,
    ) {
        let seen = seen.or_any();
        if let Some(place) = self.nodes.get_mut(node).and_then(place)
            && (*place == Seen::Nothing || seen != Seen::Known(Type::Any))
            && *place != seen
        {
            *place = seen;
            self.news += 1;
        }
    }

    /// Whether there is more to see at a place, without entering what is being
    /// deserialized already.
    pub(super) fn has_more(&self, seen: &Seen) -> bool {
        let mut passed = vec![false; self.nodes.len()];
        for &node in &self.active {
            if let Some(passed) = passed.get_mut(node) {
                *passed = true;
            }
        }
        self.has_more_beyond(seen, &mut passed)
    }

    fn has_more_beyond(&self, seen: &Seen, passed: &mut [bool]) -> bool {
        let node = match seen {
            Seen::Nothing => return true,
            Seen::Known(_) => return false,
            Seen::Node(node) => *node,
        };
        match passed.get_mut(node) {
            Some(passed) if !*passed => *passed = true,
            _ => return false,
        }
        let mut any = |seen: &Seen| self.has_more_beyond(seen, passed);
        match self.nodes.get(node) {
            None => false,
            Some(Node::Optional(inner) | Node::List(inner)) => any(inner),
            Some(Node::Dict(key, value)) => any(key) || any(value),
            // An item that fails hides those after it for good.
            Some(Node::Tuple(items)) => items.iter().any(|item| match item {
                Seen::Nothing => false,
                item => any(item),
            }),
            Some(Node::Struct(fields)) => {
                let mut open = fields.fields.iter().filter(|field| !field.is_alias);
                open.clone().any(|field| !field.tried || any(&field.seen))
                    || fields.is_worth_a_try()
                    || fields.made && open.any(|field| field.required.is_none())
            }
            Some(Node::Enum(variants)) => variants
                .variants
                .iter()
                .any(|variant| !variant.tried || variant.content.seen().is_some_and(&mut any)),
        }
    }
}

/// How a struct is made in one run.
pub(super) struct Plan {
    /// The fields in the order in which they are given.
    pub(super) order: Vec<usize>,
    /// A field that is not given, to see whether the struct does without.
    left_out: Option<usize>,
}

/// Structs and enums: which way to go through them, and what was seen there.
impl Survey {
    /// How to make a struct that is being deserialized. What was not seen yet
    /// comes before what may fail again.
    pub(super) fn plan(&mut self, node: usize) -> Option<Plan> {
        let Some(Node::Struct(fields)) = self.nodes.get(node) else {
            return None;
        };
        let ranks: Vec<_> = fields.fields.iter().map(|field| self.rank(field)).collect();
        let Some(Node::Struct(fields)) = self.nodes.get_mut(node) else {
            return None;
        };
        let is_seen = fields.fields.iter().all(|field| field.tried);
        if is_seen && fields.is_worth_a_try() {
            fields.tries += 1;
            self.news += 1;
        }
        let may_leave_out = fields.made && !ranks.iter().any(|rank| *rank < Rank::Again);
        let mut untested = fields.fields.iter().map(StructField::is_untested);
        let left_out = untested.position(|is| is).filter(|_| may_leave_out);
        let given = fields.fields.iter().enumerate();
        let given = given.filter(|(index, field)| !field.is_alias && left_out != Some(*index));
        let mut order: Vec<_> = given.map(|(index, _)| index).collect();
        order.sort_by_key(|index| ranks.get(*index).copied().unwrap_or(Rank::Again));
        Some(Plan { order, left_out })
    }

    fn rank(&self, field: &StructField) -> Rank {
        match field {
            field if field.is_alias => Rank::Again,
            field if !field.tried => Rank::New,
            field if self.has_more(&field.seen) => Rank::HasMore,
            _ => Rank::Again,
        }
    }

    /// Notes how a plan went: what was seen of fields, the field whose name was
    /// not followed by a question for its value, and whether there is a struct.
    pub(super) fn learn_struct(
        &mut self,
        node: usize,
        plan: &Plan,
        seen: Vec<(usize, Seen)>,
        refused: Option<usize>,
        is_made: bool,
    ) {
        let Some(Node::Struct(fields)) = self.nodes.get_mut(node) else {
            return;
        };
        for (index, seen) in seen {
            if let Some(field) = fields.fields.get_mut(index) {
                let seen = seen.or_any();
                self.news += usize::from(!field.tried || field.seen != seen);
                field.tried = true;
                field.seen = seen;
            }
        }
        // The name of a field that had its value by another one.
        if let Some(field) = refused.and_then(|index| fields.fields.get_mut(index)) {
            field.is_alias = true;
            field.tried = true;
            self.news += 1;
        }
        if let Some(field) = plan.left_out.and_then(|index| fields.fields.get_mut(index)) {
            field.required = Some(!is_made);
            self.news += 1;
        }
        self.news += usize::from(is_made && !fields.made);
        fields.made |= is_made;
    }

    /// The variant to make of an enum: one that was not seen, or else one that
    /// can be made. Inside of the same enum, one that ends there.
    pub(super) fn choose(&self, node: usize) -> Option<usize> {
        let Some(Node::Enum(variants)) = self.nodes.get(node) else {
            return None;
        };
        let position =
            |is_it: &dyn Fn(&EnumVariant) -> bool| variants.variants.iter().position(is_it);
        let is_unit = |variant: &EnumVariant| variant.made && variant.content == Content::Unit;
        if self.is_active(node) {
            return position(&is_unit);
        }
        let has_more = |variant: &EnumVariant| {
            let mut seen = variant.content.seen().into_iter();
            seen.any(|seen| self.has_more(seen))
        };
        position(&|variant| !variant.tried)
            .or_else(|| position(&has_more))
            .or_else(|| position(&is_unit))
            .or_else(|| position(&|variant| variant.made))
    }

    /// Notes what was seen of a variant.
    pub(super) fn learn_variant(
        &mut self,
        node: usize,
        index: usize,
        content: Content,
        is_made: bool,
    ) {
        let Some(Node::Enum(variants)) = self.nodes.get_mut(node) else {
            return;
        };
        if let Some(variant) = variants.variants.get_mut(index) {
            let is_new = !variant.tried || variant.content != content;
            self.news += usize::from(is_new || is_made && !variant.made);
            variant.tried = true;
            variant.made |= is_made;
            if content != Content::Nothing {
                variant.content = content;
            }
        }
    }
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    New,
    HasMore,
    Again,
}

impl Seen {
    /// What was deserialized without asking for anything may be anything.
    fn or_any(self) -> Self {
        match self {
            Self::Nothing => Self::Known(Type::Any),
            seen => seen,
        }
    }
}

impl StructField {
    /// Whether it is not known if it can be left out.
    fn is_untested(&self) -> bool {
        !self.is_alias && self.required.is_none()
    }
}

impl Node {
    /// What an option, a list or a dict holds.
    pub(super) fn content(&mut self) -> Option<&mut Seen> {
        match self {
            Self::Optional(content) | Self::List(content) | Self::Dict(_, content) => Some(content),
            Self::Tuple(_) | Self::Struct(_) | Self::Enum(_) => None,
        }
    }

    /// The keys of a dict.
    pub(super) fn content_key(&mut self) -> Option<&mut Seen> {
        match self {
            Self::Dict(key, _) => Some(key),
            _ => None,
        }
    }
}

impl Struct {
    /// Whether it may be made now that all its fields were seen.
    fn is_worth_a_try(&self) -> bool {
        !self.made && self.tries < 3
    }
}

impl Content {
    pub(super) fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Some(seen) => Some(seen),
            Self::Nothing | Self::Unit => None,
        }
    }
}
