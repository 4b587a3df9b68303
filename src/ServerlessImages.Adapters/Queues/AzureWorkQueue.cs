using System.Runtime.CompilerServices;
using Azure;
using Azure.Identity;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ServerlessImages.Storage;

namespace ServerlessImages.Queues;

/// <summary>Azure Storage Queues. There is no way to wait for a message: an empty queue is asked again, less and less often.</summary>
internal sealed class AzureWorkQueue(QueueServiceClient service, TimeProvider clock) : IWorkQueue
{
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AskedAgainAfterMax = TimeSpan.FromSeconds(2);

    public async Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancel)
    {
        QueueNames.Check(message, delay);
        await AskAsync(queue, async client => await client.SendMessageAsync(message, visibilityTimeout: delay, cancellationToken: cancel), cancel);
    }

    public async IAsyncEnumerable<WorkMessage> ReadAsync(string queue, TimeSpan hiddenFor, [EnumeratorCancellation] CancellationToken cancel)
    {
        var wait = AskedAgainAfter;
        while (true)
        {
            var received = await AskAsync(queue, async client => (await client.ReceiveMessageAsync(hiddenFor, cancel)).Value, cancel);
            if (received is null)
            {
                await Task.Delay(wait, clock, cancel);
                wait = wait * 2 < AskedAgainAfterMax ? wait * 2 : AskedAgainAfterMax;
                continue;
            }

            wait = AskedAgainAfter;
            yield return new WorkMessage(queue, received.Body.ToString(), (int)received.DequeueCount, received.MessageId, received.PopReceipt);
        }
    }

    public Task DoneAsync(WorkMessage message, CancellationToken cancel) => AskAsync(message.Queue, async client =>
    {
        try
        {
            return await client.DeleteMessageAsync(message.Id, message.Receipt, cancel);
        }
        catch (RequestFailedException failure) when (failure.ErrorCode == QueueErrorCode.MessageNotFound || failure.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            // It was handed out again, or is done.
            return failure.GetRawResponse()!;
        }
    }, cancel);

    private async Task<T> AskAsync<T>(string queue, Func<QueueClient, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            return await ask(service.GetQueueClient(queue));
        }
        catch (Exception failure) when (failure is RequestFailedException or AuthenticationFailedException or AggregateException or IOException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new StoreUnavailableException("Storage Queues could not be asked.", failure);
        }
    }
}
