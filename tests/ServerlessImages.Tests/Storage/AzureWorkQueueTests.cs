using ServerlessImages.Queues;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Storage;

public sealed class AzureWorkQueueTests(AzuriteFixture azurite) : WorkQueueContract
{
    private protected override async Task<(IWorkQueue Queue, string Name)> QueueAsync()
    {
        var service = AzureQueueClients.Service(await azurite.StorageAsync());
        var name = "q" + Guid.NewGuid().ToString("N");
        await service.CreateQueueAsync(name, cancellationToken: Cancel);
        return (new AzureWorkQueue(service, TimeProvider.System), name);
    }

    [Fact]
    public async Task A_missing_queue_is_one_that_cannot_be_asked()
    {
        var queue = new AzureWorkQueue(AzureQueueClients.Service(await azurite.StorageAsync()), TimeProvider.System);

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await queue.SendAsync("absent", "1", TimeSpan.Zero, Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await queue.ReadAsync("absent", TimeSpan.FromMinutes(1), Cancel).FirstAsync(Cancel));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await queue.DoneAsync(new WorkMessage("absent", "1", 1, "id", "receipt"), Cancel));
    }
}
