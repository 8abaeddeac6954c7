//! The parser of shapes.

use crate::{
    interface::schema::{
        cursor::{Cursor, MAX_DEPTH, plain_length, reference_length, word_length},
        members::TypeLines,
        parse_error::ParseSchemaError,
        words::{ShapeWord, scalar},
    },
    shape::{
        nodes::{Element, ForeignType, Shape},
        scalar::Integer,
    },
};

impl Cursor<'_> {
    pub(super) fn shape(&mut self, depth: usize) -> Result<Shape, ParseSchemaError> {
        if depth >= MAX_DEPTH {
            return Err(self.error(format!("more than {MAX_DEPTH} shapes inside of each other")));
        }
        if let Some(name) = self.string()? {
            return Ok(Shape::Reference(name));
        }
        if self.rest().starts_with('{') {
            let of = TypeLines::default();
            return self.braces(of, depth);
        }
        match reference_length(self.rest()) {
            0 => {}
            length => return Ok(Shape::Reference(self.take(length).to_owned())),
        }
        let from = self.position();
        let length = plain_length(self.rest());
        let word = self.take(length);
        if let Some(scalar) = scalar(word) {
            return Ok(scalar);
        }
        let Some(word) = ShapeWord::new(word) else {
            if word.is_empty() {
                return Err(self.error("a shape is missing here"));
            }
            return Ok(Shape::Unknown(self.with_groups(from)?));
        };
        Ok(match word {
            ShapeWord::Option => Shape::Option(self.one(depth)?),
            ShapeWord::Sequence => Shape::Sequence(self.one(depth)?),
            ShapeWord::Set => Shape::Set(self.one(depth)?),
            ShapeWord::Newtype => Shape::Newtype(self.one(depth)?),
            ShapeWord::Map => {
                let (key, value) = self.two(depth)?;
                Shape::Map(key, value)
            }
            ShapeWord::Asymmetric => {
                let (sent, received) = self.two(depth)?;
                Shape::Asymmetric { sent, received }
            }
            ShapeWord::Nonzero => match *self.one(depth)? {
                Shape::Integer(of) => Shape::Integer(Integer::new(of.signed, of.bits, false)),
                _ => return Err(self.error("only integers can be nonzero")),
            },
            ShapeWord::Array => {
                self.expect("<")?;
                let item = self.inner(depth)?;
                self.expect(",")?;
                let digits = self.take(word_length(self.rest()));
                let Ok(length) = digits.parse() else {
                    return Err(self.error("the array's length is missing before this"));
                };
                self.expect(">")?;
                Shape::Array(item, length)
            }
            ShapeWord::Tuple => Shape::Tuple(self.elements(depth)?),
            ShapeWord::Literal => Shape::Literal(self.quoted()?),
            ShapeWord::Foreign => {
                let name = self.name(plain_length, "the foreign type's name")?;
                let mut arguments = Vec::new();
                if self.sign("<") {
                    arguments.push(self.shape(depth + 1)?);
                    while !self.sign(">") {
                        self.expect(",")?;
                        arguments.push(self.shape(depth + 1)?);
                    }
                }
                let with = if self.keyword("with") { Some(self.quoted()?) } else { None };
                Shape::Foreign(ForeignType { name, arguments, with, format: None })
            }
            ShapeWord::Struct => {
                let of = TypeLines::Struct(self.structure()?);
                return self.braces(of, depth);
            }
            ShapeWord::Enum => {
                let of = TypeLines::Enum(self.enumeration()?);
                return self.braces(of, depth);
            }
        })
    }

    fn elements(&mut self, depth: usize) -> Result<Vec<Element>, ParseSchemaError> {
        let mut elements = Vec::new();
        self.expect("<")?;
        while !self.sign(">") {
            if !elements.is_empty() {
                self.expect(",")?;
            }
            let shape = self.shape(depth + 1)?;
            let mut has_default = false;
            loop {
                if self.keyword("default") {
                    has_default = true;
                } else if !self.word()? {
                    break;
                }
            }
            elements.push(Element { shape, has_default });
        }
        Ok(elements)
    }

    fn inner(&mut self, depth: usize) -> Result<Box<Shape>, ParseSchemaError> {
        self.shape(depth + 1).map(Box::new)
    }

    fn one(&mut self, depth: usize) -> Result<Box<Shape>, ParseSchemaError> {
        self.expect("<")?;
        let one = self.inner(depth)?;
        self.expect(">")?;
        Ok(one)
    }

    fn two(&mut self, depth: usize) -> Result<(Box<Shape>, Box<Shape>), ParseSchemaError> {
        self.expect("<")?;
        let first = self.inner(depth)?;
        self.expect(",")?;
        let second = self.inner(depth)?;
        self.expect(">")?;
        Ok((first, second))
    }
}
