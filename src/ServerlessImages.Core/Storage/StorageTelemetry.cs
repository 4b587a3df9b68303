using System.Diagnostics;

namespace ServerlessImages.Storage;

/// <summary>Counts the calls to the stores, and puts them into the trace of the request that they are made for. Never with keys: those of rows are the callers'.</summary>
internal static class StorageTelemetry
{
    public const string Done = "done";
    public const string Refused = "refused";

    public static bool HasListeners => Telemetry.StorageTransactions.Enabled || Telemetry.Source.HasListeners();

    /// <param name="outcome">Of an answer: done or refused.</param>
    public static async Task<T> MeasureAsync<T>(string table, string operation, Func<Task<T>> call, Func<T, string> outcome)
    {
        // The sweepers' calls belong to no request, and would be a trace each.
        using var span = Activity.Current is null ? null : Telemetry.Source.StartActivity($"{operation} {table}", ActivityKind.Client);
        span?.SetTag("db.collection.name", table).SetTag("db.operation.name", operation);
        try
        {
            var answer = await call();
            Count(table, operation, outcome(answer));
            return answer;
        }
        catch (Exception cause)
        {
            var failure = OutcomeOf(cause);
            span?.SetTag("error.type", failure).SetStatus(ActivityStatusCode.Error);
            Count(table, operation, failure);
            throw;
        }
    }

    private static void Count(string table, string operation, string outcome) => Telemetry.StorageTransactions.Add(
        1,
        KeyValuePair.Create<string, object?>("table", table),
        KeyValuePair.Create<string, object?>("operation", operation),
        KeyValuePair.Create<string, object?>("outcome", outcome));

    private static string OutcomeOf(Exception cause) => cause switch
    {
        StoreUnavailableException => "unavailable",
        WriteFateUnknownException => "unknown",
        OperationCanceledException => "cancelled",
        _ => "failed",
    };
}
