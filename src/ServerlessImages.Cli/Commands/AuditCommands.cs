using System.CommandLine;

namespace ServerlessImages.Cli.Commands;

internal static class AuditCommands
{
    public static Command All(DeskOptions options)
    {
        var limit = Given.Limit();
        return options.On(new Command("audit", "What operators did, newest first: who, what, why, before and after.") { limit }, async (parsed, desk, cancel) =>
            desk.Show(await desk.Client.ListAsync("/operator/v1/audit", parsed.GetValue(limit), cancel), Column.Time("at", "created"), new("who", "operator_name"), new("act", "act"), new("account", "account_id"), new("what", "what", MayWrap: true), new("why", "reason", MayWrap: true), new("before", "before", MayWrap: true), new("after", "result", MayWrap: true), new("outcome", "outcome")));
    }
}
