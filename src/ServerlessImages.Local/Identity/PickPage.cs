using System.Net;

namespace ServerlessImages.Local.Identity;

/// <summary>Asks who one is, and believes it.</summary>
internal static class PickPage
{
    /// <param name="parameters">Of the authorization request: they come back with the choice.</param>
    public static string Of(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var kept = string.Concat(parameters.Where(each => each.Key is not "person" and not "address").Select(each => $"""<input type="hidden" name="{WebUtility.HtmlEncode(each.Key)}" value="{WebUtility.HtmlEncode(each.Value)}">"""));
        var people = string.Concat(DemoPerson.All.Select(each => $"""<p><button name="person" value="{each.Subject}">{WebUtility.HtmlEncode(each.Name)} <small>{WebUtility.HtmlEncode(each.Email)}</small></button></p>"""));
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>Sign in on this machine</title></head>
            <body><main>
            <h1>Who are you?</h1>
            <p>This is the identity provider of this machine: it believes everybody.</p>
            <form method="post" action="/authorize">{kept}{people}
            <p><label>Somebody else: <input name="address" type="email" placeholder="me@example.com"></label> <button>Sign in</button></p>
            </form>
            </main></body>
            </html>
            """;
    }
}
