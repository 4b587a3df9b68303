using ServerlessImages.Abuse;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Abuse;

/// <summary>An account's place on the ladder, on the wire.</summary>
internal static class ConductAnswers
{
    /// <summary>In the account's own balance.</summary>
    public static object Standing(Balance balance, Ladder ladder, DateTimeOffset now) => new
    {
        state = balance.RungAt(now).ToWire(),
        refused_calls = balance.Conduct.Recent(ladder, now),
        window_hours = (int)ladder.Window.TotalHours,
        until = balance.RungAt(now) switch
        {
            Rung.CoolingDown => balance.Conduct.CoolsUntil.ToUnixTimeSeconds(),
            Rung.Warned => balance.Conduct.ProbationUntil.ToUnixTimeSeconds(),
            _ => (long?)null,
        },
    };

    public static IResult List((IReadOnlyList<StruckAccount> Accounts, string? Cursor) page, Ladder ladder, DateTimeOffset now) => Results.Json(new
    {
        @object = "list",
        data = page.Accounts.Select(each => new
        {
            @object = "struck_account",
            account_id = each.Partition.Account,
            livemode = each.Partition.Livemode,
            standing = Standing(each.Balance, ladder, now),
        }),
        has_more = page.Cursor is not null,
        next_cursor = page.Cursor,
    });

    public static IResult Strikes((LedgerPartition Partition, Balance Balance, IReadOnlyList<StrikeRow> Strikes, string Plan) found, Ladder ladder, DateTimeOffset now) => Results.Json(new
    {
        @object = "strikes",
        account_id = found.Partition.Account,
        standing = Standing(found.Balance, ladder, now),
        data = found.Strikes.Select(each => new
        {
            created = each.At.ToUnixTimeSeconds(),
            request_id = each.RequestId,
            key_id = each.KeyId,
            end_user = each.EndUser.Length == 0 ? null : each.EndUser,
            calls = each.Strike.Calls,
            stage = each.Strike.Details.Stage,
            categories = each.Strike.Details.Categories,
            rung = each.Rung.ToWire(),
        }),
    });

    public static IResult Cleared(LedgerPartition partition, Balance balance, Ladder ladder, DateTimeOffset now) =>
        Results.Json(new { @object = "struck_account", account_id = partition.Account, livemode = partition.Livemode, standing = Standing(balance, ladder, now) });
}
