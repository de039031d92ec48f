//! PDFs written byte by byte, honest and cunning ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A script that every variant tries to smuggle in.
pub(super) const SCRIPT: &str = "<</S/JavaScript/JS(app.alert\\(1\\))>>";

/// A file under construction.
#[derive(Clone)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    /// Where each object begins.
    pub(super) places: BTreeMap<u32, usize>,
    /// Objects in object streams: their stream and their place in it.
    pub(super) packed: BTreeMap<u32, (u32, u8)>,
}

impl File {
    /// Only a header.
    pub(super) fn empty() -> Self {
        Self {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            places: BTreeMap::new(),
            packed: BTreeMap::new(),
        }
    }

    /// One page (objects 1 to 4), with more in its catalog and its page.
    pub(super) fn page(catalog: &str, page: &str) -> Self {
        let mut file = Self::empty();
        file.object(1, &format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"));
        file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
        file.object(
            3,
            &format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>/Contents 4 0 R{page}>>"),
        );
        file.stream(4, "", b"0 0 1 rg 9 9 9 9 re f");
        file
    }

    /// One page that opens object 10, to be defined by the variant.
    pub(super) fn opening() -> Self {
        Self::page("/OpenAction 10 0 R", "")
    }

    pub(super) fn raw(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    pub(super) fn object(&mut self, number: u32, body: &str) -> &mut Self {
        self.places.insert(number, self.bytes.len());
        self.raw(format!("{number} 0 obj\n{body}\nendobj\n"))
    }

    /// A stream whose dictionary has the right length.
    pub(super) fn stream(&mut self, number: u32, dictionary: &str, data: &[u8]) -> &mut Self {
        let length = data.len();
        self.stream_of(number, &format!("/Length {length}{dictionary}"), data)
    }

    /// A stream with exactly this dictionary.
    pub(super) fn stream_of(&mut self, number: u32, dictionary: &str, data: &[u8]) -> &mut Self {
        self.places.insert(number, self.bytes.len());
        self.raw(format!("{number} 0 obj\n<<{dictionary}>>\nstream\n"))
            .raw(data)
            .raw("\nendstream\nendobj\n")
    }

    /// An object stream (20) of these objects, with this said of its packing.
    pub(super) fn pack(
        &mut self,
        objects: &[(u32, &str)],
        packing: &str,
        data: &[u8],
    ) -> &mut Self {
        let (head, _) = packed(objects);
        self.stream(
            20,
            &format!(
                "/Type/ObjStm/N {}/First {}{packing}",
                objects.len(),
                head.len()
            ),
            data,
        );
        self.lists(objects)
    }

    /// Says that these objects are in the object stream 20.
    pub(super) fn lists(&mut self, objects: &[(u32, &str)]) -> &mut Self {
        for (index, (number, _)) in (0..).zip(objects) {
            self.packed.insert(*number, (20, index));
        }
        self
    }

    /// The table, the trailer and the end. Objects in object streams need [`Self::end_packed`].
    pub(super) fn end(&mut self, trailer: &str) -> Vec<u8> {
        let start = self.bytes.len();
        self.table();
        let size = self.size();
        self.raw(format!(
            "trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n"
        ));
        self.bytes.clone()
    }

    pub(super) fn size(&self) -> u32 {
        let last = self.places.keys().chain(self.packed.keys()).max();
        last.map_or(1, |last| last + 1)
    }

    pub(super) fn table(&mut self) -> &mut Self {
        let mut table = format!("xref\n0 {}\n", self.size());
        for number in 0..self.size() {
            let (place, used) = match self.places.get(&number) {
                Some(place) => (*place, "00000 n"),
                None => (0, "65535 f"),
            };
            writeln!(table, "{place:010} {used} ").unwrap();
        }
        self.raw(table)
    }

    /// A cross-reference stream (60) and the end.
    pub(super) fn end_packed(&mut self) -> Vec<u8> {
        let rows = self.rows(60);
        let size = 61;
        self.end_rows(&format!("/Size {size}/W[1 4 1]"), &rows)
    }

    /// The rows of the cross-reference stream with this number, which comes next.
    pub(super) fn rows(&mut self, number: u32) -> Vec<u8> {
        self.places.insert(number, self.bytes.len());
        let mut rows = Vec::new();
        for number in 0..=number {
            if let Some((stream, index)) = self.packed.get(&number) {
                rows.push(2);
                rows.extend(stream.to_be_bytes());
                rows.push(*index);
            } else if let Some(place) = self.places.get(&number) {
                rows.push(1);
                rows.extend(u32::try_from(*place).unwrap().to_be_bytes());
                rows.push(0);
            } else {
                rows.extend([0; 6]);
            }
        }
        rows
    }

    /// The cross-reference stream with these rows, and the end.
    pub(super) fn end_rows(&mut self, dictionary: &str, rows: &[u8]) -> Vec<u8> {
        let start = self.bytes.len();
        self.stream(60, &format!("/Type/XRef/Root 1 0 R{dictionary}"), rows);
        self.raw(format!("startxref\n{start}\n%%EOF\n"));
        self.bytes.clone()
    }
}

/// The head and the objects of an object stream.
pub(super) fn packed(objects: &[(u32, &str)]) -> (String, String) {
    let (mut head, mut body) = (String::new(), String::new());
    for (number, object) in objects {
        write!(head, "{number} {} ", body.len()).unwrap();
        body += object;
        body += " ";
    }
    (head, body)
}

/// The same as the plain data of an object stream.
pub(super) fn plain(objects: &[(u32, &str)]) -> Vec<u8> {
    let (head, body) = packed(objects);
    (head + &body).into_bytes()
}

pub(super) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn hex(data: &[u8]) -> Vec<u8> {
    let digits: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    (digits + ">").into_bytes()
}
