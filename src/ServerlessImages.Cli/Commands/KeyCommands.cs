using System.CommandLine;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli.Commands;

internal static class KeyCommands
{
    public static Command All(DeskOptions desk) => new("keys", "API keys of an account.") { List(desk), Mint(desk), Switch(desk, isOff: true), Switch(desk, isOff: false), Revoke(desk) };

    private static Command List(DeskOptions options)
    {
        var (account, limit) = (Given.Account(), Given.Limit());
        var revoked = new Option<bool>("--revoked") { Description = "Those that were revoked, instead of the others." };
        var test = new Option<bool>("--test") { Description = "Test keys, instead of those that spend money." };
        return options.On(new Command("list", "Lists an account's keys, newest first, without their secrets.") { account, revoked, test, limit }, async (parsed, desk, cancel) =>
        {
            var path = PathOf(parsed.GetValue(account)!) + Given.Query(("revoked", parsed.GetValue(revoked) ? "true" : null), ("livemode", parsed.GetValue(test) ? "false" : null));
            desk.Show(await desk.Client.ListAsync(path, parsed.GetValue(limit), cancel), new("id", "id"), new("status", "status"), Column.Time("minted", "created"), Column.Time("expires", "expires_at"), new("scopes", "scopes", MayWrap: true));
        });
    }

    private static Command Mint(DeskOptions options)
    {
        var account = Given.Account();
        var scopes = new Option<string[]>("--scope") { Description = "What the key may do. May be given several times; without it, everything." };
        return options.On(new Command("mint", "Mints a key. Its text is shown now and never again.") { account, scopes }, async (parsed, desk, cancel) =>
        {
            var wanted = parsed.GetValue(scopes) ?? [];
            var body = wanted.Length == 0 ? new JsonObject() : new JsonObject { ["scopes"] = new JsonArray([.. wanted.Select(scope => (JsonNode)scope)]) };
            desk.Show(await desk.Client.SendOnceAsync(HttpMethod.Post, PathOf(parsed.GetValue(account)!), body, cancel));
        });
    }

    private static Command Switch(DeskOptions options, bool isOff)
    {
        var (account, key, reason) = (Given.Account(), Key(), Given.Reason());
        var command = isOff ? new Command("disable", "Switches a key off: spending with it ends at once. Its owner can switch it on again.") : new Command("enable", "Switches a key on again.");
        foreach (var argument in (Argument[])[account, key]) command.Add(argument);
        command.Add(reason);
        return options.On(command, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.SendAsync(HttpMethod.Put, $"{PathOf(parsed.GetValue(account)!)}/{Given.Path(parsed.GetValue(key)!)}/disable", new JsonObject { ["disabled"] = isOff, ["reason"] = parsed.GetValue(reason) }, null, cancel)));
    }

    private static Command Revoke(DeskOptions options)
    {
        var (account, key, reason) = (Given.Account(), Key(), Given.Reason());
        return options.On(new Command("revoke", "Revokes a key: spending with it ends at once.") { account, key, reason }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.SendAsync(HttpMethod.Post, $"{PathOf(parsed.GetValue(account)!)}/{Given.Path(parsed.GetValue(key)!)}/revoke", new JsonObject { ["reason"] = parsed.GetValue(reason) }, null, cancel)));
    }

    private static Argument<string> Key() => new("key") { Description = "The key's id: the 12 characters behind si_live_." };

    private static string PathOf(string account) => $"/operator/v1/accounts/{Given.Path(account)}/keys";
}
