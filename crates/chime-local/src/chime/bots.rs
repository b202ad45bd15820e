//! Chat bots. Only Enterprise accounts have them. They cannot be deleted.

mod events;

use chime_model::SensitiveString;
use chime_model::chime::*;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::chime::complete::{self, BOT_SUFFIX, bot_address, security_token};
use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, require_below_limit, require_not_blank};

const PAGE_SIZE: usize = 10;

/// The maximum length of a name in characters.
const NAME_LENGTH: usize = 55;

handlers! {
    Chime: create_bot, list_bots, get_bot, update_bot, regenerate_security_token; with events
}

/// Creates a bot with an email address in a claimed domain. Default: the first one.
fn create_bot(call: &mut Call<'_>, request: CreateBotRequest) -> Result<CreateBotResponse> {
    let CreateBotRequest { account_id, display_name: name, domain: asked, .. } = request;
    require_not_blank(&name, "DisplayName")?;
    let name = name.expose();
    if name.chars().count() > NAME_LENGTH || name.contains(char::is_control) {
        let problem = "must have at most 55 characters and no control characters";
        return Err(bad_request(format!("DisplayName: {problem}")));
    }
    let record = call.tenant.enterprise(&account_id)?;
    let is_asked = |own: &&String| asked.as_ref().is_none_or(|asked| asked.to_lowercase() == **own);
    let missing = || bad_request("Domain: must be a domain that the account has claimed");
    let domain = record.domains.iter().find(is_asked).ok_or_else(missing)?;
    let email = bot_address(name, domain);
    let address = |email: &SensitiveString| email.expose().to_lowercase();
    let is_taken = |bot: &Bot| bot.bot_email.as_ref().map(address) == Some(address(&email));
    if record.below.bots.values().any(is_taken) {
        return Err(bad_request("DisplayName: another bot has this name in the domain"));
    }
    let limit = call.rules.bots_per_account;
    require_below_limit(record.below.bots.len(), limit, "The account", "bots")?;

    let bot = Bot::default().display_name(name.to_owned() + BOT_SUFFIX).bot_email(email);
    let (id, bot) = complete::bot(bot, record, call.now, call.ids);
    call.tenant.within_mut(&account_id)?.bots.insert(id, bot.clone());
    Ok(CreateBotResponse::default().bot(bot))
}

fn list_bots(call: &mut Call<'_>, request: ListBotsRequest) -> Result<ListBotsResponse> {
    let list = call.list(&request, PAGE_SIZE)?;
    let bots = &call.tenant.enterprise(&request.account_id)?.below.bots;
    Ok(list.page(bots.after(list.after()), |bot| bot.value.clone()))
}

fn get_bot(call: &mut Call<'_>, request: GetBotRequest) -> Result<GetBotResponse> {
    let bot = call.tenant.enterprise(&request.account_id)?.below.bot(&request.bot_id)?;
    Ok(GetBotResponse::default().bot(bot.clone()))
}

/// Disables or enables a bot if `Disabled` is set. A disabled bot stays in its rooms.
fn update_bot(call: &mut Call<'_>, request: UpdateBotRequest) -> Result<UpdateBotResponse> {
    let bot = call.tenant.enterprise_mut(&request.account_id)?.bot_mut(&request.bot_id)?;
    if request.disabled.is_some() {
        bot.disabled = request.disabled;
        bot.updated_timestamp = Some(call.now);
    }
    Ok(UpdateBotResponse::default().bot(bot.clone()))
}

/// Replaces the security token of a bot.
fn regenerate_security_token(
    call: &mut Call<'_>,
    request: RegenerateSecurityTokenRequest,
) -> Result<RegenerateSecurityTokenResponse> {
    let bot = call.tenant.enterprise_mut(&request.account_id)?.bot_mut(&request.bot_id)?;
    bot.security_token = Some(security_token(call.ids));
    bot.updated_timestamp = Some(call.now);
    Ok(RegenerateSecurityTokenResponse::default().bot(bot.clone()))
}

#[cfg(test)]
mod tests;
