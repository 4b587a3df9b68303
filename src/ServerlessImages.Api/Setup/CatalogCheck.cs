using Microsoft.Extensions.Options;
using ServerlessImages.Abuse;
using ServerlessImages.Accounts;
using ServerlessImages.AzureOpenAI;
using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Setup;

/// <summary>Reads the data at start, so that a typo in a price or plan stops the start and not the first customer. Names each model that nobody can buy or that nothing serves.</summary>
internal sealed partial class CatalogCheck(ModelCatalog models, PriceBook prices, PlanCatalog plans, Ladder ladder, BlockList blockList, IOptions<AzureOpenAIOptions> upstream, TimeProvider clock, ILogger<CatalogCheck> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(ladder);
        ArgumentNullException.ThrowIfNull(blockList);
        foreach (var model in models.Models)
        {
            if (!prices.PriceOf(model, clock.GetUtcNow()).TryGet(out _, out _)) Log.NoPrice(logger, model.Id);
            else if (!upstream.Value.Serves(model.Id)) Log.NoDeployment(logger, model.Id);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "The model {Model} has no price in force and is not sold.")]
        public static partial void NoPrice(ILogger logger, string model);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The model {Model} has a price and no deployment: who asks for it is answered 503 and pays nothing. A file of your own at Catalog:ModelsFile says what you sell.")]
        public static partial void NoDeployment(ILogger logger, string model);
    }
}
