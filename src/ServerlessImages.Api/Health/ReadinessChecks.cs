using Microsoft.Extensions.Options;
using ServerlessImages.Api.Receipts;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Pricing;
using ServerlessImages.Storage;

namespace ServerlessImages.Api.Health;

/// <summary>What has to be true for a paid image to be drawn, kept and proven. Settings are not among it: wrong ones have ended the start.</summary>
internal sealed partial class ReadinessChecks(ITableStore tables, IBlobStore blobs, SoldModels models, IOptions<AzureOpenAIOptions> upstream, SigningKeys keys, TimeProvider clock, ILogger<ReadinessChecks> logger)
{
    /// <summary>Nobody who looks after an app waits long for it.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(5);

    /// <summary>Never the name of an account or of a request.</summary>
    private const string Probe = "readiness";

    public async Task<IReadOnlyList<Problem>> RunAsync()
    {
        using var timeout = new CancellationTokenSource(TimeMax, clock);
        var found = await Task.WhenAll(
        [
            .. TableNames.All.Select(table => CheckAsync("tables", $"The table {table} could not be read.", () => tables.FindAsync(table, Probe, Probe, timeout.Token))),
            CheckAsync("images", "The store of images could not be read.", () => blobs.FindNoteAsync(Probe, timeout.Token)),
            CheckAsync("signing_key", "Receipts could not be signed.", () => Task.FromResult(keys.Sign([]))),
        ]);
        return [.. found.OfType<Problem>(), .. await ModelProblemsAsync(timeout.Token)];
    }

    private async Task<Problem?> CheckAsync<T>(string check, string detail, Func<Task<T>> run)
    {
        try
        {
            await run();
            return null;
        }
#pragma warning disable CA1031 // Whatever it is, it is the answer.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            Log.Failed(logger, check, detail, cause);
            return new(check, detail);
        }
    }

    /// <summary>Prices that cannot be read are a problem of the tables, which says so itself.</summary>
    private async Task<IReadOnlyList<Problem>> ModelProblemsAsync(CancellationToken cancel)
    {
        if (!(await models.AllAsync(cancel)).TryGet(out var sold, out _)) return [];
        if (sold.Count == 0) return [new("models", "No model has a price in force.")];
        return sold.Any(each => upstream.Value.Serves(each.Model.Id)) ? [] : [new("deployments", "No model that is sold has a deployment.")];
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Not ready: {Check}. {Detail}")]
        public static partial void Failed(ILogger logger, string check, string detail, Exception cause);
    }
}
