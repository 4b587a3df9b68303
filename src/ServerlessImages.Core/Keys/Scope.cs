namespace ServerlessImages.Keys;

/// <summary>What a key may do. Every endpoint names the one it needs.</summary>
public static class Scope
{
    public const string ImagesGenerate = "images:generate";
    public const string ImagesEdit = "images:edit";

    /// <summary>Balance, requests and their images.</summary>
    public const string UsageRead = "usage:read";

    public const string KeysManage = "keys:manage";

    /// <summary>Buying credit, and what is bought automatically.</summary>
    public const string BillingManage = "billing:manage";

    /// <summary>Where the account is told of its events. Not with <see cref="UsageRead"/>: an address can be a secret, and whoever sets one hears all that is told.</summary>
    public const string WebhooksManage = "webhooks:manage";

    public static IReadOnlyList<string> All { get; } = [ImagesGenerate, ImagesEdit, UsageRead, KeysManage, BillingManage, WebhooksManage];
}
