using System.CommandLine;
using System.Text.Json.Nodes;

namespace ServerlessImages.Cli.Commands;

internal static class AccountCommands
{
    private const string Accounts = "/operator/v1/accounts";

    public static Command All(DeskOptions desk) => new("accounts", "Accounts: found, opened, and changed with a reason.") { List(desk), Show(desk), Open(desk), Plan(desk), Freeze(desk), Unfreeze(desk), CreditLimit(desk) };

    private static Command List(DeskOptions options)
    {
        var search = new Option<string?>("--search") { Description = "Those whose id, name or a later word of the name begins with it." };
        var limit = Given.Limit();
        return options.On(new Command("list", "Lists accounts.") { search, limit }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.ListAsync(Accounts + Given.Query(("search", parsed.GetValue(search))), parsed.GetValue(limit), cancel), new("id", "id"), new("name", "name", MayWrap: true), new("plan", "plan"), Column.Time("opened", "created")));
    }

    private static Command Show(DeskOptions options)
    {
        var account = Given.Account();
        return options.On(new Command("show", "Shows an account: its plan, money, limits and what it is stopped for.") { account }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.GetAsync($"{Accounts}/{Given.Path(parsed.GetValue(account)!)}", cancel)));
    }

    private static Command Open(DeskOptions options)
    {
        var name = new Argument<string>("name") { Description = "The account's name." };
        var plan = new Option<string>("--plan") { Description = "The plan's name.", DefaultValueFactory = _ => "standard" };
        var key = Given.IdempotencyKey();
        return options.On(new Command("open", "Opens an account.") { name, plan, key }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.SendAsync(HttpMethod.Post, Accounts, new JsonObject { ["name"] = parsed.GetValue(name), ["plan"] = parsed.GetValue(plan) }, parsed.GetValue(key) ?? Given.NewKey(), cancel)));
    }

    private static Command Plan(DeskOptions options)
    {
        var (account, plan, reason) = (Given.Account(), new Argument<string>("plan") { Description = "The plan's name." }, Given.Reason());
        return options.On(new Command("plan", "Puts an account on another plan.") { account, plan, reason }, (parsed, desk, cancel) =>
            PutAsync(desk, parsed.GetValue(account)!, "plan", new JsonObject { ["plan"] = parsed.GetValue(plan), ["reason"] = parsed.GetValue(reason) }, cancel));
    }

    private static Command Freeze(DeskOptions options) => Freezing(options, "freeze", "Stops an account from spending.", isFrozen: true);

    private static Command Unfreeze(DeskOptions options) => Freezing(options, "unfreeze", "Lets a frozen account spend again.", isFrozen: false);

    private static Command Freezing(DeskOptions options, string name, string description, bool isFrozen)
    {
        var (account, reason) = (Given.Account(), Given.Reason());
        return options.On(new Command(name, description) { account, reason }, (parsed, desk, cancel) =>
            PutAsync(desk, parsed.GetValue(account)!, "freeze", new JsonObject { ["frozen"] = isFrozen, ["reason"] = parsed.GetValue(reason) }, cancel));
    }

    private static Command CreditLimit(DeskOptions options)
    {
        var (account, limit, reason) = (Given.Account(), new Argument<string>("usd") { Description = "How much the account may owe, in dollars; 0 takes it away." }, Given.Reason());
        return options.On(new Command("credit-limit", "Sets how much an account may owe.") { account, limit, reason }, (parsed, desk, cancel) =>
            PutAsync(desk, parsed.GetValue(account)!, "credit-limit", new JsonObject { ["credit_limit_usd"] = parsed.GetValue(limit), ["reason"] = parsed.GetValue(reason) }, cancel));
    }

    private static async Task PutAsync(Desk desk, string account, string what, JsonObject body, CancellationToken cancel) =>
        desk.Show(await desk.Client.SendAsync(HttpMethod.Put, $"{Accounts}/{Given.Path(account)}/{what}", body, null, cancel));
}
