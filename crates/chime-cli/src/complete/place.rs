//! The place in a command line at which a word stands: the command, its flags, and what may follow.

use std::collections::BTreeSet;

use chime_client::model::{Api, Shape};
use clap::{Arg, ArgAction, Command};

use crate::flags::{PROFILE, REGION};
use crate::man;
use crate::services::{CHIME, SERVICES, find};
use crate::words::{HELP, innermost};

/// A place in a command line.
pub(crate) struct Place {
    root: Command,
    /// The names of the commands below the root, up to the innermost one.
    pub(crate) path: Vec<String>,
    /// The innermost command, with its flags.
    pub(crate) command: Command,
    /// The flag whose value comes next.
    pub(crate) open: Option<Arg>,
    /// The number of arguments without a flag that were given to the innermost command.
    arguments: usize,
    /// The number of words before this place.
    pub(crate) count: usize,
}

impl Place {
    /// The start of a command line.
    pub(crate) fn start(root: Command) -> Self {
        let command = root.clone();
        let mut place =
            Self { command, root, path: Vec::new(), open: None, arguments: 0, count: 0 };
        place.build();
        place
    }

    /// Builds the commands on the path, and no others: clap does so when it parses their names.
    fn build(&mut self) {
        if let Some(command) = innermost(&mut self.root, &self.path) {
            self.command = command.clone();
        }
    }

    /// Advances past a word.
    pub(crate) fn advance(&mut self, word: &str) {
        self.count += 1;
        if word.starts_with("--") {
            self.open = self.flag(word).filter(|flag| takes_value(flag)).cloned();
        } else if let Some(flag) = &self.open {
            let is_list = flag.get_num_args().is_some_and(|count| count.max_values() > 1);
            self.open.take_if(|_| !is_list);
        } else if word == HELP || self.path.is_empty() && word == man::NAME {
            // Names of commands follow, as if the word were absent.
        } else if let Some(inner) = self.command.find_subcommand(word) {
            self.path.push(inner.get_name().to_owned());
            self.arguments = 0;
            self.build();
        } else {
            self.arguments += 1;
        }
    }

    /// The flag of a word such as `--name`.
    pub(crate) fn flag(&self, word: &str) -> Option<&Arg> {
        let name = word.strip_prefix("--")?;
        self.command.get_arguments().find(|flag| flag.get_long() == Some(name))
    }

    /// The flags that are not hidden, without those that were given and cannot be repeated.
    pub(super) fn flags(&self, previous: &[&str]) -> Vec<String> {
        let shown = self.command.get_arguments().filter(|flag| !flag.is_hide_set());
        let names = shown.filter_map(|flag| {
            let name = format!("--{}", flag.get_long()?);
            let is_open = matches!(flag.get_action(), ArgAction::Append)
                || !previous.iter().any(|word| word.split('=').next() == Some(&name));
            is_open.then_some(name)
        });
        names.collect()
    }

    /// The names of the commands that can come next, or the values of the next argument without a flag.
    pub(crate) fn names(&self) -> Vec<String> {
        let shown = self.command.get_subcommands().filter(|command| !command.is_hide_set());
        let names = shown.flat_map(|command| {
            [command.get_name()].into_iter().chain(command.get_visible_aliases())
        });
        let argument = self.command.get_positionals().nth(self.arguments);
        names.map(str::to_owned).chain(argument.into_iter().flat_map(possible)).collect()
    }

    pub(super) fn values(&self, flag: &Arg, profiles: impl FnOnce() -> Vec<String>) -> Vec<String> {
        match flag.get_id().as_str() {
            PROFILE => profiles(),
            REGION => self.regions(),
            member => match self.shape(member) {
                Some(Shape::Enumeration(names)) => {
                    names.values.iter().map(|name| (*name).to_owned()).collect()
                }
                _ => possible(flag),
            },
        }
    }

    /// The service that is called.
    fn api(&self) -> Option<&'static Api> {
        let named = self
            .path
            .iter()
            .find_map(|name| SERVICES.iter().find(|(own, ..)| own == name).map(|(_, _, api)| *api));
        // The operations of Amazon Chime need no service in front.
        let (_, _, chime) = SERVICES[CHIME];
        named.or_else(|| find(chime, self.path.first()?).map(|_| chime))
    }

    /// The regions of the service, or of all services.
    fn regions(&self) -> Vec<String> {
        let services = match self.api() {
            Some(api) => vec![api.service],
            None => SERVICES.iter().map(|(_, _, api)| api.service).collect(),
        };
        let all: BTreeSet<&str> = services
            .into_iter()
            .flat_map(|service| service.regions.iter().copied().chain(service.global_region))
            .collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// The shape of a member of the operation, or that of its items.
    fn shape(&self, member: &str) -> Option<&'static Shape> {
        let info = find(self.api()?, self.path.last()?)?;
        match info.input.member(member)?.shape {
            Shape::List(list) => Some(list.item),
            shape => Some(shape),
        }
    }
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

fn possible(arg: &Arg) -> Vec<String> {
    arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect()
}
