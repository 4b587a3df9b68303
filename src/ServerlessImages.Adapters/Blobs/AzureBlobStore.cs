using System.Buffers.Text;
using System.Text;
using Azure;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessImages.Storage;

namespace ServerlessImages.Blobs;

/// <summary>Blob Storage. The note is one value of the blob's metadata, so that one request stores both or neither.</summary>
internal sealed class AzureBlobStore(BlobContainerClient container) : IBlobStore
{
    /// <summary>Metadata are headers: base64url keeps every character of the note.</summary>
    private const string NoteKey = "note";

    // One Put Blob whatever the length: blocks would be staged by some requests and committed by another.
    private static readonly StorageTransferOptions OneRequest = new() { InitialTransferSize = 256 * 1024 * 1024 };

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> bytes, string contentType, string note, CancellationToken cancel)
    {
        BlobLimits.CheckNote(note);
        var put = new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            Metadata = new Dictionary<string, string> { [NoteKey] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(note)) },
            TransferOptions = OneRequest,
        };
        return AskAsync(name, otherwise: false, async blob =>
        {
            await blob.UploadAsync(BinaryData.FromBytes(bytes), put, cancel);
            return true;
        }, cancel);
    }

    public Task<string?> FindNoteAsync(string name, CancellationToken cancel) => AskAsync<string?>(name, otherwise: null, async blob =>
    {
        var properties = await blob.GetPropertiesAsync(cancellationToken: cancel);
        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(properties.Value.Metadata[NoteKey]));
    }, cancel);

    public Task<BlobContent?> OpenAsync(string name, CancellationToken cancel) => AskAsync<BlobContent?>(name, otherwise: null, async blob =>
    {
        var download = (await blob.DownloadStreamingAsync(cancellationToken: cancel)).Value;
        return new BlobContent(download.Content, download.Details.ContentLength, download.Details.ContentType);
    }, cancel);

    public Task DeleteAsync(string name, CancellationToken cancel) =>
        AskAsync(name, otherwise: false, async blob => (await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancel)).Value, cancel);

    /// <param name="otherwise">The answer when the name is taken, or when there is nothing under it.</param>
    private async Task<T> AskAsync<T>(string name, T otherwise, Func<BlobClient, Task<T>> ask, CancellationToken cancel)
    {
        BlobLimits.CheckName(name);
        try
        {
            return await ask(container.GetBlobClient(name));
        }
        catch (RequestFailedException failure) when (IsAnswer(failure))
        {
            return otherwise;
        }
        catch (Exception failure) when (IsUnavailable(failure, cancel))
        {
            throw new StoreUnavailableException("Blob Storage could not be asked.", failure);
        }
    }

    /// <summary>A missing container is no answer.</summary>
    private static bool IsAnswer(RequestFailedException failure) =>
        failure.ErrorCode == BlobErrorCode.BlobAlreadyExists || failure.ErrorCode == BlobErrorCode.ConditionNotMet || failure.ErrorCode == BlobErrorCode.BlobNotFound;

    private static bool IsUnavailable(Exception failure, CancellationToken cancel) => failure switch
    {
        OperationCanceledException => !cancel.IsCancellationRequested,
        RequestFailedException or AuthenticationFailedException or AggregateException or IOException => true,
        _ => false,
    };
}
