using ServerlessImages.Accounts;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Usage;
using ServerlessImages.Ledger;
using ServerlessImages.Usage;

namespace ServerlessImages.Api.Operators;

/// <summary>What an account used, as it sees it itself.</summary>
internal static class AccountUsageApi
{
    public static void MapAccountUsage(this WebApplication app)
    {
        app.MapGet("/operator/v1/accounts/{id}/usage", ReportAsync).RequireOperator(OperatorAccess.Read);
        app.MapGet("/operator/v1/accounts/{id}/usage/events", EventsAsync).RequireOperator(OperatorAccess.Read);
    }

    private static async Task ReportAsync(string id, HttpContext http, AccountDirectory accounts, ReadUsage read, TimeProvider clock, ErrorWriter errors)
    {
        var fields = new QueryFields(http.Request.Query);
        var isCsv = UsageApi.IsCsv(fields, http.Request);
        if ((await RunAsync()).TryGet(out var report, out var error)) await UsageApi.WriteAsync(http, report, new LedgerPartition(id, Livemode: true), isCsv);
        else await errors.WriteAsync(http, error);

        async Task<Result<UsageReport>> RunAsync()
        {
            if (!UsageQueryReader.Read(fields, clock.GetUtcNow()).TryGet(out var query, out var wrong)) return wrong;
            if (await accounts.FindAsync(id, http.RequestAborted) is null) return ApiError.AccountNotFound;
            return await read.RunAsync(new LedgerPartition(id, Livemode: true), query, http.RequestAborted);
        }
    }

    private static async Task EventsAsync(string id, HttpContext http, AccountDirectory accounts, ReadUsageEvents read, ErrorWriter errors, ILogger<ReadUsageEvents> logger)
    {
        if (await accounts.FindAsync(id, http.RequestAborted) is null) await errors.WriteAsync(http, ApiError.AccountNotFound);
        else await UsageApi.WriteEventsAsync(http, new LedgerPartition(id, Livemode: true), read, errors, logger);
    }
}
