//! The phone numbers that seeds put in stock, and the supported countries.

use chime_model::chime::*;
use chime_model::{Pattern, SensitiveString, Shape};

use crate::chime::documents::E164;
use crate::chime::numbers::plan;
use crate::chime::rules::ChimeRules;
use crate::engine::document::{ID, document, matching, values};
use crate::engine::rows::tables;
use crate::engine::seeding::{Seeding, TWICE};
use crate::engine::table::Table;

static COUNTRY_PATTERN: Pattern = Pattern::new("[A-Z]{2}");
const COUNTRY: Shape = matching(&COUNTRY_PATTERN, false);
static STATE_PATTERN: Pattern = Pattern::new("[A-Za-z]{2}");
const STATE: Shape = matching(&STATE_PATTERN, false);
const NUMBER_TYPE: Shape = values("PhoneNumberType", PhoneNumberType::VALUES);
const PRODUCT_TYPE: Shape = values("PhoneNumberProductType", PhoneNumberProductType::VALUES);

document! {
    /// A phone number in stock: every AWS account can search for it and order it, unless one owns
    /// it.
    ///
    /// In addition, fictional numbers are in stock unless
    /// [`fictional_phone_stock`](crate::ChimeRules::fictional_phone_stock) is off: 100 in every
    /// area code of the US, and some in other countries.
    ///
    /// ```
    /// use chime_local::{Config, LocalChime, Seed};
    ///
    /// let seed = Seed::parse(r#"{
    ///     "PhoneStock": [
    ///         {"E164PhoneNumber": "+14255550177", "City": "Bellevue", "State": "WA"},
    ///         {"E164PhoneNumber": "+14165550142", "Country": "CA"}
    ///     ]
    /// }"#)?;
    /// let chime = LocalChime::new(Config { seed, ..Config::default() })?;
    /// # Ok::<_, chime_local::InvalidDocument>(())
    /// ```
    #[derive(PartialEq, Eq)]
    pub struct StockNumber {
        /// The number in E.164 form.
        required e164_phone_number("E164PhoneNumber"): SensitiveString = E164,
        /// The country as two capital letters. Default: derived from the number, with `US` for `+1`
        /// whatever the area code. An ordered number keeps it.
        optional country("Country"): String = COUNTRY,
        /// Local or toll-free. Default: derived from the number.
        optional r#type("Type"): PhoneNumberType = NUMBER_TYPE,
        /// The city in the US by which a search finds it.
        optional city("City"): String = ID,
        /// The state in the US by which a search finds it, as two letters.
        optional state("State"): String = STATE,
    }
}

document! {
    /// The countries that `ListSupportedPhoneNumberCountries` returns for a product type, instead
    /// of those in which its numbers can be ordered. It does not change which numbers can be
    /// ordered.
    #[derive(PartialEq, Eq)]
    pub struct SupportedCountries {
        /// The product type.
        required product_type("ProductType"): PhoneNumberProductType = PRODUCT_TYPE,
        /// The countries, with the types of numbers there.
        list phone_number_countries("PhoneNumberCountries"): PhoneNumberCountry,
    }
}

tables! {
    /// The stock of the seeds. An owned number stays in it, and can be ordered again when it is
    /// released.
    pub(crate) struct PhoneStock {
        pub(crate) numbers: Table<PhoneNumberId, StockNumber> = "numbers",
        pub(crate) countries: Table<PhoneNumberProductType, SupportedCountries> = "countries",
    }
}

impl PhoneStock {
    /// Completes and adds a number, or replaces the one of the same id.
    pub(crate) fn add(&mut self, mut number: StockNumber, at: &mut Seeding<'_>) {
        // The shape of the document has refused invalid numbers.
        let Ok(id) = PhoneNumberId::from_e164(number.e164_phone_number.expose()) else { return };
        let Some(e164) = id.to_e164() else { return };
        let (country, of) = plan::kind_of(e164.expose());
        number.country = number.country.or(country);
        let problem = "is required, because it cannot be derived from the number";
        at.problem_if(number.country.is_none(), "Country", problem);
        at.once("stock", id.as_str(), "", TWICE);
        number.r#type.get_or_insert(of);
        number.e164_phone_number = e164;
        self.numbers.insert(id, number);
    }

    pub(crate) fn add_countries(&mut self, of: SupportedCountries, at: &mut Seeding<'_>) {
        at.once("product type", of.product_type.as_str(), "ProductType", TWICE);
        self.countries.insert(of.product_type.clone(), of);
    }

    /// The country, if it is known, and the type of a number when it is ordered.
    pub(crate) fn kind_of(&self, id: &PhoneNumberId) -> (Option<String>, Option<PhoneNumberType>) {
        if let Some(own) = self.numbers.get(id) {
            return (own.country.clone(), own.r#type.clone());
        }
        let (country, of) = plan::kind_of(id.to_e164().unwrap_or_default().expose());
        (country, Some(of))
    }

    /// Whether a number is in stock.
    pub(crate) fn has(&self, id: &PhoneNumberId, rules: &ChimeRules) -> bool {
        let fictional = || id.to_e164().is_some_and(|number| plan::in_stock(number.expose()));
        self.numbers.contains(id) || rules.fictional_phone_stock && fictional()
    }
}
