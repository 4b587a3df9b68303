using System.CommandLine;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli.Commands;

internal static class KeyCommands
{
    public static Command All(DeskOptions desk) => new("keys", "API keys of an account.") { List(desk), Mint(desk), Revoke(desk) };

    private static Command List(DeskOptions options)
    {
        var (account, limit) = (Given.Account(), Given.Limit());
        return options.On(new Command("list", "Lists an account's keys, without their secrets.") { account, limit }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.ListAsync(PathOf(parsed.GetValue(account)!), parsed.GetValue(limit), cancel), new("id", "id"), new("live", "livemode"), new("revoked", "revoked"), Column.Time("minted", "created"), Column.Time("expires", "expires_at"), new("scopes", "scopes", MayWrap: true)));
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

    private static Command Revoke(DeskOptions options)
    {
        var (account, key, reason) = (Given.Account(), new Argument<string>("key") { Description = "The key's id: the 12 characters behind si_live_." }, Given.Reason());
        return options.On(new Command("revoke", "Revokes a key: spending with it ends at once.") { account, key, reason }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.SendAsync(HttpMethod.Post, $"{PathOf(parsed.GetValue(account)!)}/{Given.Path(parsed.GetValue(key)!)}/revoke", new JsonObject { ["reason"] = parsed.GetValue(reason) }, null, cancel)));
    }

    private static string PathOf(string account) => $"/operator/v1/accounts/{Given.Path(account)}/keys";
}
