//! Discord's text: people, channels and emoji that are named in it by their ids.

/// Longer tokens there are not.
const LONGEST: usize = 80;

/// The text for people: `<@1>` and `<#2>` become names where these are known, `<:name:3>` becomes
/// `:name:`. What is not known stays as it came.
pub fn plain(text: &str, named: &dyn Fn(char, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let (inner, behind) = after.split_at(after.find(['<', '>', '\n']).unwrap_or(after.len()));
        let told = behind.strip_prefix('>').filter(|_| inner.len() <= LONGEST);
        match told.and_then(|behind| Some((token(inner, named)?, behind))) {
            Some((told, behind)) => {
                out.push_str(&told);
                rest = behind;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn token(inner: &str, named: &dyn Fn(char, &str) -> Option<String>) -> Option<String> {
    let is_id = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    if let Some(id) = inner.strip_prefix("@!").or_else(|| inner.strip_prefix('@')).filter(is_id) {
        return Some(format!("@{}", named('@', id)?));
    }
    if let Some(id) = inner.strip_prefix('#').filter(is_id) {
        return Some(format!("#{}", named('#', id)?.trim_start_matches('#')));
    }
    let emoji = inner.strip_prefix("a:").or_else(|| inner.strip_prefix(':'))?;
    let (name, _) = emoji.split_once(':').filter(|(_, id)| is_id(id))?;
    Some(format!(":{name}:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_gets_its_name() {
        let named = |what: char, id: &str| match (what, id) {
            ('@', "1") => Some("Ines".to_owned()),
            ('#', "2") => Some("choir".to_owned()),
            _ => None,
        };
        for (text, told) in [
            ("hi <@1>, <@!1> in <#2>", "hi @Ines, @Ines in #choir"),
            ("<@9> <@&1> <#9>", "<@9> <@&1> <#9>"),
            ("<:wave:3> <a:dance:4> <:a:b>", ":wave: :dance: <:a:b>"),
            ("1 < 2 <<@1> <t:1700000000:R> <", "1 < 2 <@Ines <t:1700000000:R> <"),
        ] {
            assert_eq!(plain(text, &named), told, "{text}");
        }
    }
}
