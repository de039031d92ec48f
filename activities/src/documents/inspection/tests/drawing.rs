//! What a child says, what is too much to draw, and what a picture holds.

use super::*;

/// What a child that draws says of a file.
async fn drawn(bytes: &[u8]) -> Vec<PartRead> {
    let mut said = Vec::new();
    child::draw(bytes, || Ok(()), &mut said).unwrap();
    let (mut said, mut parts) = (said.as_slice(), Vec::new());
    while let Ok(part) = protocol::read(&mut said).await {
        parts.push(part);
    }
    parts
}

#[tokio::test]
async fn one_child_says_its_judgement_another_the_pages_and_both_an_end() {
    let pdf = pdf_with(2, "", "", &[]);
    let mut said = Vec::new();
    let claimed = claims(DocumentKind::Cv, "application/pdf", "pdf");
    say(&pdf, &claimed, &mut said).unwrap();
    let mut said = said.as_slice();
    assert_eq!(
        protocol::read(&mut said).await.unwrap(),
        PartRead::Judgement(Judgement::Accepted(2))
    );
    assert_eq!(protocol::read(&mut said).await.unwrap(), PartRead::End);
    let parts = drawn(&pdf).await;
    assert_eq!((parts.len(), &parts[2]), (3, &PartRead::End));
    for (expected, part) in (1..=2).zip(&parts) {
        let PartRead::Page(number, image) = part else {
            panic!("a page");
        };
        assert_eq!(*number, expected);
        let page = image::load_from_memory_with_format(image, ImageFormat::Jpeg)
            .unwrap()
            .to_luma8();
        assert!(page.height() >= 1399 && page.width() < page.height());
        let ink = page.pixels().filter(|pixel| pixel.0[0] < 128).count();
        assert!(ink > 100 && ink < 100_000, "{ink} dark pixels");
    }
}

/// A PDF of one page that paints by forms within forms, ten in each, so many deep.
fn nested_forms(depth: usize, painted: &str) -> Vec<u8> {
    let form = |content: &str, next: Option<usize>| {
        let resources = next.map_or_else(String::new, |next| {
            format!("/Resources<</XObject<</X {next} 0 R>>>>")
        });
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]{resources}/Length {}>>stream\n{content}\nendstream",
            content.len()
        )
    };
    let ten = "/X Do ".repeat(10);
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</XObject<</X 5 0 R>>>>>>"
            .to_owned(),
        "<</Length 5>>stream\n/X Do\nendstream".to_owned(),
    ];
    objects.extend((0..depth).map(|level| form(&ten, Some(level + 6))));
    objects.push(form(painted, None));
    write_pdf(&objects, "")
}

#[tokio::test]
async fn what_is_too_much_to_draw_is_found_out_before_it_is_drawn() {
    let whole_page = "0 0 1 rg 0 0 595 842 re f ";
    let too_complex = Judgement::Rejected(RejectionCode::PdfTooComplex.into());
    let over = [PartRead::Judgement(too_complex), PartRead::End];
    // Ten thousand pages of paint, a million clips, and more than any machine could count.
    for (depth, painted) in [(4, whole_page), (6, ""), (30, whole_page)] {
        let parts = drawn(&nested_forms(depth, painted)).await;
        assert_eq!(parts, over, "{depth} deep");
    }
    let parts = drawn(&nested_forms(2, whole_page)).await;
    assert!(matches!(parts[0], PartRead::Page(1, _)), "a hundred pass");
}

#[tokio::test]
async fn patterns_masks_and_letters_count_with_what_they_draw() {
    let many = "0 0 1 rg 0 0 595 842 re f ".repeat(50);
    let stream = |dictionary: &str, content: &str| {
        format!(
            "<<{dictionary}/Length {}>>stream\n{content}\nendstream",
            content.len()
        )
    };
    let tile = "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 595 842]\
                /XStep 595/YStep 842/Resources<<>>";
    let group = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<>>\
                 /Group<</S/Transparency/CS/DeviceGray>>";
    let letter = "/Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]\
                  /Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97/Widths[0]\
                  /Resources<<>>/CharProcs<</a 6 0 R>>";
    let cases = [
        (
            "/Pattern cs /P scn 0 0 595 842 re f ".repeat(40),
            "/Pattern<</P 5 0 R>>".to_owned(),
            vec![stream(tile, &many)],
        ),
        (
            (0..40)
                .map(|it| format!("/G{it} gs 0 0 595 842 re f "))
                .collect(),
            (0..40).fold("/ExtGState<<".to_owned(), |all, it| {
                format!("{all}/G{it}<</SMask<</S/Luminosity/N {it}/G 5 0 R>>>>")
            }) + ">>",
            vec![stream(group, &many)],
        ),
        (
            format!("BT /F1 842 Tf ({}) Tj ET", "a".repeat(40)),
            "/Font<</F1 5 0 R>>".to_owned(),
            vec![
                format!("<<{letter}>>"),
                stream(
                    "",
                    &format!("0 0 d0 {}", many.replace("595 842", "1000 1000")),
                ),
            ],
        ),
    ];
    for (content, resources, more) in cases {
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<{resources}>>>>"
        );
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
            page,
            stream("", &content),
        ];
        objects.extend(more);
        let parts = drawn(&write_pdf(&objects, "")).await;
        let too_complex = Judgement::Rejected(RejectionCode::PdfTooComplex.into());
        let refused = parts[0] == PartRead::Judgement(too_complex);
        assert!(refused, "{resources}");
    }
}

#[test]
fn a_preview_holds_nothing_of_the_metadata() {
    struct Kept(Vec<u8>);
    impl PageSink for Kept {
        fn begin(&mut self) -> std::io::Result<()> {
            Ok(())
        }

        fn page(&mut self, _: u32, image: &[u8]) -> std::io::Result<()> {
            self.0 = image.to_vec();
            Ok(())
        }

        fn undrawn(&mut self, number: u32) -> std::io::Result<()> {
            panic!("page {number} was not drawn");
        }
    }
    let jpeg = with_comment(
        &picture_of(ImageFormat::Jpeg),
        b"taken at 5.3600 N 4.0083 W",
    );
    let mut kept = Kept(Vec::new());
    picture(&jpeg, &mut kept).unwrap();
    assert!(!kept.0.is_empty());
    assert!(polyglots::find_last(&kept.0, b"5.3600").is_none());
}
