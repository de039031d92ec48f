//! Pairs of the trades, written down without looking at the rule.

use super::*;

const PAIRS: &str = "
rédacteur rédactrice
directeur directrice
traducteur traductrice
formateur formatrice
éducateur éducatrice
animateur animatrice
administrateur administratrice
acteur actrice
conducteur conductrice
opérateur opératrice
conservateur conservatrice
médiateur médiatrice
négociateur négociatrice
concepteur conceptrice
inspecteur inspectrice
réalisateur réalisatrice
instituteur institutrice
consultateur consultatrice
auditeur auditrice
tuteur tutrice
auteur autrice
modérateur modératrice
coordinateur coordinatrice
coordonnateur coordonnatrice
lecteur lectrice
correcteur correctrice
illustrateur illustratrice
recruteur recruteuse
acheteur acheteuse
transporteur transporteuse
monteur monteuse
chanteur chanteuse
vendeur vendeuse
serveur serveuse
coiffeur coiffeuse
chercheur chercheuse
développeur développeuse
programmeur programmeuse
testeur testeuse
chauffagiste-installateur chauffagiste-installatrice
livreur livreuse
soudeur soudeuse
tourneur tourneuse
masseur masseuse
danseur danseuse
contrôleur contrôleuse
régisseur régisseuse
ingénieur ingénieure
professeur professeure
technicien technicienne
mécanicien mécanicienne
informaticien informaticienne
électricien électricienne
pharmacien pharmacienne
musicien musicienne
gardien gardienne
chirurgien chirurgienne
comédien comédienne
esthéticien esthéticienne
européen européenne
infirmier infirmière
boulanger boulangère
couturier couturière
cuisinier cuisinière
conseiller conseillère
caissier caissière
hôtelier hôtelière
financier financière
jardinier jardinière
policier policière
magasinier magasinière
ouvrier ouvrière
fermier fermière
pâtissier pâtissière
premier première
sportif sportive
créatif créative
administratif administrative
professionnel professionnelle
rigoureux rigoureuse
sérieux sérieuse
";

/// Words that must not be taken for each other.
const STRANGERS: &str = "
moteur motrice
mateur matrice
secteur sectrice
perceur perceuse
carrier carrière
manier manière
barrier barrière
frontier frontière
glacier glacière
portier portière
minister ministère
directif directive
motif motive
coopératif coopérative
fleur fleuse
leur leuse
peur peuse
mer mère
per père
chien chienne
bien bienne
laser lasère
vif vive
sel selle
comptable compteur
formation formateur
vente vendeur
";

fn means(typed: &str, other: &str) -> bool {
    other_genders(typed)
        .iter()
        .any(|word| fold(word) == fold(other))
}

#[test]
fn genders_find_each_other() {
    let mut count = 0;
    for line in PAIRS.lines().filter(|line| !line.is_empty()) {
        let (he, she) = line.split_once(' ').unwrap();
        assert!(means(he, she), "{he} does not find {she}");
        assert!(means(she, he), "{she} does not find {he}");
        assert!(
            means(&fold(he), she) && means(&fold(she), he),
            "{line} without accents"
        );
        assert!(
            means(&format!("{he}s"), she) && means(&format!("{she}s"), he),
            "several {line}"
        );
        count += 1;
    }
    assert!(count >= 60, "{count}");
}

#[test]
fn words_of_different_meaning_stay_apart() {
    for line in STRANGERS.lines().filter(|line| !line.is_empty()) {
        let (one, other) = line.split_once(' ').unwrap();
        assert!(!means(one, other), "{one} finds {other}");
        assert!(!means(other, one), "{other} finds {one}");
    }
}
