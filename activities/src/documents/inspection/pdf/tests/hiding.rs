//! Scripts hidden in how the file is written.

use super::build::{File, SCRIPT, deflate, hex, packed, plain};
use super::{accepted, active, refused};

const HIDDEN: &[(u32, &str)] = &[(10, SCRIPT), (11, "<</JavaScript<</Names[(a) 10 0 R]>>>>")];

#[test]
fn objects_packed_in_a_way_of_their_own_are_refused() {
    let data = deflate(&plain(HIDDEN));
    let variants: &[(&str, &[u8])] = &[
        ("/Filter/FlateDecode", &data),
        ("/Filter 21 0 R", &data),
        ("/Filter[21 0 R]", &data),
        ("/Filter/Fl", &data),
        ("/Filter[/Fl]", &data),
        ("/Filter(FlateDecode)", &data),
        ("/Filter[[/FlateDecode]]", &data),
        (
            "/Filter[/Crypt/FlateDecode]/DecodeParms[<</Name/Identity>>null]",
            &data,
        ),
        ("/Filter[/FlateDecode/Crypt]", &data),
        ("/Filter/BogusDecode", &data),
        ("/Filter/LZWDecode", &data),
        ("/Filter/RunLengthDecode", &data),
        ("/Filter/BrotliDecode", &data),
        ("/Filter/DCTDecode", &data),
        ("/Filter/FlateDecode/DecodeParms 21 0 R", &data),
        (
            "/Filter/FlateDecode/DecodeParms<</Predictor 22 0 R>>",
            &data,
        ),
        ("/Filter/FlateDecode/DP<</Predictor 12>>", &data),
        ("/F(elsewhere)/FFilter/FlateDecode", &data),
        ("/Filter[/ASCIIHexDecode/FlateDecode]", &hex(&data)),
        ("/Fi#6cter/Flate#44ecode", &data),
    ];
    for (packing, data) in variants {
        let mut file = File::page("/OpenAction 10 0 R/Names 11 0 R", "");
        file.object(21, "/FlateDecode").object(22, "1");
        active(packing, &file.pack(HIDDEN, packing, data).end_packed());
    }
}

#[test]
fn objects_that_do_not_unpack_to_their_end_are_refused() {
    let data = deflate(&plain(HIDDEN));
    let cut = &data[..data.len() - 6];
    let mut spoilt = data.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    let raw = &data[2..];
    for (what, data) in [
        ("cut", cut),
        ("checksum", &spoilt),
        ("raw", raw),
        ("none", b""),
    ] {
        let mut file = File::opening();
        refused(
            what,
            &file.pack(HIDDEN, "/Filter/FlateDecode", data).end_packed(),
        );
    }
    for data in [
        b"<~87cURDZ~>".as_slice(),
        b"87cUR\x01DZ~>",
        b"87cURDZ",
        b"4x>",
    ] {
        for filter in ["/Filter/ASCII85Decode", "/Filter/ASCIIHexDecode"] {
            let mut file = File::opening();
            refused(filter, &file.pack(HIDDEN, filter, data).end_packed());
        }
    }
}

#[test]
fn an_object_stream_must_hold_what_its_head_lists() {
    let (head, body) = packed(HIDDEN);
    let first = head.len();
    let whole = [head.as_bytes(), body.as_bytes()].concat();
    let none = b"<<>> ".repeat(8);
    let variants = [
        (
            "more than there is",
            format!("/N 3/First {first}"),
            whole.clone(),
        ),
        (
            "fewer than it lists",
            format!("/N 1/First {first}"),
            whole.clone(),
        ),
        (
            "beyond its end",
            "/N 1/First 8".to_owned(),
            b"10 9999 <<>>".to_vec(),
        ),
        (
            "a count elsewhere",
            format!("/N 22 0 R/First {first}"),
            whole.clone(),
        ),
        ("negative", format!("/N -2/First {first}"), whole.clone()),
        (
            "between those that it lists",
            "/N 1/First 5".to_owned(),
            [b"12 0 <<>> ".as_slice(), SCRIPT.as_bytes()].concat(),
        ),
        (
            "in front of those that it lists",
            "/N 1/First 6".to_owned(),
            format!("10 {:02} {SCRIPT} 5", SCRIPT.len() + 1).into_bytes(),
        ),
        ("no object", "/N 1/First 5".to_owned(), b"10 0 )".to_vec()),
        (
            "not what is asked for",
            "/N 1/First 5".to_owned(),
            [b"12 0 ".as_slice(), &none].concat(),
        ),
    ];
    for (what, numbers, data) in variants {
        let mut file = File::opening();
        file.object(22, "2");
        file.stream(20, &format!("/Type/ObjStm{numbers}"), &data)
            .lists(HIDDEN);
        refused(what, &file.end_packed());
    }
    let mut file = File::opening();
    file.stream(20, &format!("/N 2/First {first}"), &whole)
        .lists(HIDDEN);
    active("without its type", &file.end_packed());
    let mut file = File::opening();
    file.stream(20, &format!("/Type/ObjStm/N 2/First {first}"), &whole);
    active("that no table lists", &file.end_packed());
    let mut file = File::opening();
    file.stream(21, "/Type/ObjStm/N 0/First 0/Extends 20 0 R", b"");
    active(
        "that another extends",
        &file.pack(HIDDEN, "", &plain(HIDDEN)).end_packed(),
    );
    let honest = [(10, "[3 0 R/Fit]"), (11, "<<>>")];
    let mut file = File::opening();
    let data = deflate(&plain(&honest));
    file.pack(&honest, "/Filter[/FlateDecode]/DecodeParms[null]", &data);
    accepted("an honest one", &file.end_packed());
}

#[test]
fn nothing_may_stand_between_objects() {
    let around = [
        ("(", ")"),
        ("<", ">"),
        ("[", "]"),
        ("<<", ">>"),
        ("{", "}"),
        ("word ", ""),
        ("endobj ", ""),
        ("/Name ", ""),
        ("5 ", ""),
        ("\x1a", ""),
        ("9 0 obj ", ""),
        ("%%EOF\r\nstartxref ", ""),
        ("trailer ", ""),
        ("stream\n", "endstream"),
    ];
    for (before, behind) in around {
        let mut file = File::opening();
        file.raw(before).object(10, SCRIPT).raw(behind).raw("\n");
        active(before, &file.end(""));
        let mut file = File::page("", "");
        file.raw(before).raw(behind).raw("\n");
        refused(before, &file.end(""));
    }
    let mut file = File::opening();
    file.raw("9 0 obj (").object(10, SCRIPT).raw(") endobj\n");
    active("an object in a string of another", &file.end(""));
    let mut file = File::page("", "");
    file.raw("% a comment\r%another\n \t\0\x0c\n")
        .object(10, "null");
    accepted("white space and comments", &file.end(""));
}

#[test]
fn a_table_that_leads_to_no_object_is_refused() {
    let hides: &[(&str, &str, &str)] = &[
        ("a comment", "% ", "\n"),
        ("a string", "5 0 obj (", ") endobj\n"),
        ("an escaped string", "5 0 obj (\\(", ") endobj\n"),
        (
            "a stream",
            "5 0 obj <</Length 74>>stream\n",
            "endstream endobj\n",
        ),
    ];
    // The names are spelt so that only a reader that comes there knows them.
    let script = "10 0 obj<</S/J#61vaScript/J#53 12 0 R>>endobj";
    for (what, before, behind) in hides {
        let mut file = File::opening();
        file.object(12, "(1)");
        file.places.insert(5, file.bytes.len());
        file.raw(before);
        file.places.insert(10, file.bytes.len());
        file.raw(script).raw(behind);
        refused(what, &file.end(""));
    }
    for (what, number, offset) in [
        ("another object", 10, 15),
        ("the middle of an object", 10, 17),
        ("the end", 10, 99_999),
    ] {
        let mut file = File::opening();
        file.object(11, SCRIPT);
        file.places.insert(number, offset);
        refused(what, &file.end(""));
    }
}

#[test]
fn sections_that_are_no_sections_are_refused() {
    let mut file = File::opening();
    let script = file.bytes.len();
    file.object(10, "<<>>");
    // A table in the data of a stream, which leads to nothing that stands in the file.
    let inner = format!("xref\n10 1\n{script:010} 00000 n \ntrailer\n<</Size 11/Root 1 0 R>>\n");
    file.stream(11, "", inner.as_bytes());
    let hidden = file
        .bytes
        .windows(5)
        .position(|part| part == b"xref\n")
        .unwrap();
    let mut other = file.clone();
    refused("behind /Prev", &file.end(&format!("/Prev {hidden}")));
    refused(
        "behind /XRefStm",
        &other.clone().end(&format!("/XRefStm {hidden}")),
    );
    other.table().raw(format!(
        "trailer<</Size 12/Root 1 0 R>>startxref\n{hidden}\n%%EOF\n"
    ));
    refused("behind startxref", &other.bytes);
    let mut file = File::page("", "");
    let bytes = file.end("");
    let start = bytes
        .windows(9)
        .position(|part| part == b"startxref")
        .unwrap();
    refused("without startxref", &[&bytes[..start], b"%%EOF\n"].concat());
}

#[test]
fn cross_reference_streams_must_be_as_long_as_they_say() {
    let whole = |dictionary: &str, change: fn(&mut Vec<u8>)| {
        let mut file = File::page("", "");
        let mut rows = file.rows(60);
        change(&mut rows);
        file.end_rows(dictionary, &rows)
    };
    accepted("whole", &whole("/Size 61/W[1 4 1]", |_| ()));
    for dictionary in [
        "/Size 61/W[1 4]",
        "/Size 61/W[1 4 2]",
        "/Size 61/W[1 2 1]",
        "/Size 61/W[1 4 -1]",
        "/Size 61/W[1 4 9]",
        "/Size 61/W 5 0 R",
        "/Size 60/W[1 4 1]",
        "/Size 62/W[1 4 1]",
        "/Size 61/W[1 4 1]/Index[0 30]",
        "/Size 61/W[1 4 1]/Index[0 30 31]",
        "/Size 61/W[1 4 1]/Index[0 99999999999]",
    ] {
        refused(dictionary, &whole(dictionary, |_| ()));
    }
    refused(
        "a row less",
        &whole("/Size 61/W[1 4 1]", |rows| rows.truncate(360)),
    );
}

#[test]
fn every_revision_is_judged() {
    let mut file = File::opening();
    file.object(10, SCRIPT);
    let first = file.bytes.len();
    file.end("");
    file.object(10, "[3 0 R/Fit]");
    active("an older one", &file.end(&format!("/Prev {first}")));

    let mut file = File::opening();
    file.object(10, "[3 0 R/Fit]");
    let first = file.bytes.len();
    file.end("");
    file.object(10, SCRIPT);
    active("the newest", &file.end(&format!("/Prev {first}")));

    let mut file = File::opening();
    file.object(10, SCRIPT);
    file.places.remove(&10);
    active("an object of no table", &file.end(""));

    let mut file = File::page("", "");
    file.end("");
    file.raw(format!("10 0 obj {SCRIPT} endobj\n%%EOF\n"));
    active("behind an end", &file.bytes);

    let mut file = File::page("", "");
    let first = file.bytes.len();
    file.end("");
    file.object(
        3,
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
    );
    accepted("honest revisions", &file.end(&format!("/Prev {first}")));
}

#[test]
fn a_hybrid_file_is_judged_as_both_readers_see_it() {
    let mut file = File::opening();
    file.pack(HIDDEN, "", &plain(HIDDEN));
    let rows = file.rows(60);
    let stream = file.bytes.len();
    file.stream(60, "/Type/XRef/Size 61/W[1 4 1]/Root 1 0 R", &rows);
    active(
        "a script for new readers",
        &file.end(&format!("/XRefStm {stream}")),
    );
}

#[test]
fn a_stream_ends_where_every_reader_ends_it() {
    let inner = format!("q Q endstream endobj 10 0 obj {SCRIPT} endobj 11 0 obj <<>> stream\nq");
    for length in [0, 3, inner.len(), inner.len() + 500, 99_999_999] {
        let mut file = File::opening();
        file.stream_of(5, &format!("/Length {length}"), inner.as_bytes());
        refused(&length.to_string(), &file.end(""));
    }
    for dictionary in ["", "/Length(3)", "/Length 9 0 R", "/Length -3", "/Length 2"] {
        let mut file = File::page("", "");
        file.stream_of(5, dictionary, b"q Q");
        refused(dictionary, &file.end(""));
    }
    let mut file = File::page("", "");
    file.stream_of(5, "/Length 6 0 R", b"q Q").object(6, "3");
    accepted("a length elsewhere", &file.end(""));
    let mut file = File::page("", "");
    file.raw("5 0 obj <</Length 3>> stream\nq Q endobj\n");
    refused("without an end mark", &file.end(""));
}

#[test]
fn keys_and_strings_that_readers_take_differently_are_refused() {
    for catalog in [
        "/OpenAction null/OpenAction 10 0 R",
        "/OpenAction 10 0 R/Open#41ction[3 0 R/Fit]",
        "/Note(()/OpenAction 10 0 R",
        "/Note<2/OpenAction 10 0 R>",
        "/OpenAction 10 0 R/Z foo",
        "/OpenAction 10 0 R >> <<",
        "/OpenAction 10 0 R]",
    ] {
        let mut file = File::page(catalog, "");
        file.object(10, "<</S/Jav#61Script/J#53<31>>>");
        refused(catalog, &file.end(""));
    }
    let mut file = File::page("/Note(\\()/Open#41ction 10 0 R", "");
    file.object(10, "<</S/Jav#61Script/J#53<31>>>");
    active("an escaped parenthesis", &file.end(""));
}
