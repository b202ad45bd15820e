//! The phone numbers that seeds put up for anyone to order, and where numbers can be had.

use chime_model::SensitiveString;
use chime_model::chime::{
    PhoneNumberCountry, PhoneNumberId, PhoneNumberProductType, PhoneNumberType,
};
use serde::{Deserialize, Serialize};

use crate::Rules;
use crate::chime::numbers::plan;
use crate::engine::rows::Record;
use crate::engine::table::Table;

/// A phone number that every AWS account can search for and order, as long as none has it.
///
/// Fictional numbers are always in stock beside those of seeds, unless
/// [`Rules::fictional_phone_stock`](crate::Rules) is off: 100 in every area code of the US, and some
/// in other countries.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StockNumber {
    /// The number in E.164 form.
    #[serde(rename = "E164PhoneNumber")]
    pub e164_phone_number: SensitiveString,
    /// The country as two capital letters. Left open, it follows from the number: `US` for `+1`,
    /// whatever the area code. The number has it when it is ordered, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Local or toll-free. Left open, it follows from the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<PhoneNumberType>,
    /// The city that it is found by, in the US.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The state that it is found by, as two letters, in the US.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// The countries that `ListSupportedPhoneNumberCountries` answers for a product type, in place of
/// those that follow from the rules for orders. It changes nothing of what can be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SupportedCountries {
    /// The product type.
    pub product_type: PhoneNumberProductType,
    /// The countries, with the types of numbers there.
    #[serde(default)]
    pub phone_number_countries: Vec<PhoneNumberCountry>,
}

impl StockNumber {
    /// A number of the country and the type that follow from it, found by neither city nor state.
    #[must_use]
    pub fn new(e164_phone_number: impl Into<SensitiveString>) -> Self {
        Self {
            e164_phone_number: e164_phone_number.into(),
            country: None,
            r#type: None,
            city: None,
            state: None,
        }
    }

    /// The id of the number. `None` if it is none.
    pub(crate) fn id(&self) -> Option<PhoneNumberId> {
        PhoneNumberId::from_e164(self.e164_phone_number.expose()).ok()
    }
}

/// What seeds have put up. A number stays when somebody has it, and can be had again once it is let
/// go.
#[derive(Default)]
pub(crate) struct PhoneStock {
    pub(crate) numbers: Table<PhoneNumberId, StockNumber>,
    pub(crate) countries: Table<PhoneNumberProductType, SupportedCountries>,
}

impl PhoneStock {
    /// Adds a number, with what it leaves open. One of the same id makes way.
    pub(crate) fn add(&mut self, mut number: StockNumber) {
        let Some((id, e164)) = number.id().and_then(|id| Some((id.clone(), id.to_e164()?))) else {
            return;
        };
        let (country, of) = plan::kind_of(e164.expose());
        number.country = number.country.or(country);
        number.r#type.get_or_insert(of);
        number.e164_phone_number = e164;
        self.numbers.insert(id, number);
    }

    /// The country, if it is known, and the type that a number has when it is ordered.
    pub(crate) fn kind_of(&self, id: &PhoneNumberId) -> (Option<String>, PhoneNumberType) {
        let number = id.to_e164().unwrap_or_default();
        let (country, of) = plan::kind_of(number.expose());
        match self.numbers.get(id) {
            Some(own) => (own.country.clone().or(country), own.r#type.clone().unwrap_or(of)),
            None => (country, of),
        }
    }

    /// Whether there is such a number, for anyone to order.
    pub(crate) fn has(&self, id: &PhoneNumberId, rules: &Rules) -> bool {
        let fictional = || id.to_e164().is_some_and(|number| plan::in_stock(number.expose()));
        self.numbers.contains(id) || rules.fictional_phone_stock && fictional()
    }
}

impl Record for StockNumber {}
impl Record for SupportedCountries {}
