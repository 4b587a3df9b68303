using System.CommandLine;

namespace ServerlessImages.Cli.Commands;

internal static class RevenueCommands
{
    public static Command All(DeskOptions options)
    {
        var (from, to) = (Given.Day("--from", "The first day; without it, 30 days before --to."), Given.Day("--to", "The first day that is not meant; without it, tomorrow."));
        var group = new Option<string>("--by") { Description = "day, model or account.", DefaultValueFactory = _ => "day" };
        group.AcceptOnlyFromAmong("day", "model", "account");
        var account = new Option<string?>("--account") { Description = "Of one account only." };
        return options.On(new Command("revenue", "What was charged, what it cost, and what is left.") { from, to, group, account }, async (parsed, desk, cancel) =>
        {
            var by = parsed.GetValue(group)!;
            var report = await desk.Client.GetAsync("/operator/v1/revenue" + Given.Query(("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)), ("group_by", by), ("account_id", parsed.GetValue(account)), ("limit", "1000")), cancel);
            desk.Show([.. report.GetProperty("data").EnumerateArray(), report.GetProperty("total")], new(by, by == "account" ? "account_id" : by), Column.Number("requests", "requests"), Column.Number("uncharged", "requests_uncharged"), Column.Number("images", "images"), Column.Money("charged $", "charged_usd"), Column.Money("upstream $", "upstream_cost_usd"), Column.Money("margin $", "margin_usd"));
            if (!report.GetProperty("is_complete").GetBoolean()) await desk.Host.Error.WriteLineAsync("Not everything is added up yet. Ask again: it goes on from there.");
        });
    }
}
