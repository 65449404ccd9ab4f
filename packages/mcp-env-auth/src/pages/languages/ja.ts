import type { Texts } from "./en.ts";

/** Japanese. */
export const ja: Texts = {
  language: "ja",
  direction: "ltr",

  allowTitle: "{server} へのアクセスを許可しますか？",
  headline: "{client} が {server} へのアクセスを求めています",
  unnamedClient: "アプリケーション",
  verifiedDomain: "{host}（確認済み）は {client} と名乗っています。",
  verifiedUnnamed: "{host}（確認済み）がアクセスを求めています。",
  unverifiedWeb: "{host} に戻ります。アプリケーションの名前は誰も確認していません。",
  loopback: "これはこのコンピューター上のプログラムです。このコンピューターで自分が開始した場合にのみ続けてください。",
  loopbackPort:
    "これはこのコンピューター上のプログラムです（ポート {port}）。このコンピューターで自分が開始した場合にのみ続けてください。",
  privateScheme: "これは {scheme} リンクを開くアプリです。信頼できるアプリで自分が開始した場合にのみ続けてください。",
  answerAgain: "もう一度お答えください。このページを表示したことをブラウザーが確認しませんでした。",
  answerAgainHelp:
    "再び表示される場合は、このサイトの Cookie を許可するか、普段お使いのブラウザーで{link}を開いてください。",
  thisAddress: "このアドレス",

  permissions: "許可すると、次のことができます。",
  noPermissions: "特定の権限は求めていません。",
  alwaysNeeded: "常に必要",
  writes: "データを変更できます",
  deletes: "データを削除できます",
  scopeOpenid: "あなたが誰であるかを知る",
  scopeProfile: "あなたの名前と写真を見る",
  scopeEmail: "あなたのメールアドレスを見る",
  scopeAddress: "あなたの住所を見る",
  scopePhone: "あなたの電話番号を見る",
  scopeOfflineAccess: "あなたの不在中も接続を保つ",

  signIn: "「許可」を選ぶと、{provider} でサインインします。パスワードが見えるのはそのサイトだけです。",
  anotherAccount: "別のアカウントを使う",
  deny: "拒否",
  allow: "許可",
  lasts: "アクセスは、遅くともサインインから {duration}後に終了します。",
  endEarlier: "早く終了するには、アプリケーションでこのサーバーの接続を解除してください。",
  details: "詳細",
  redirectUri: "戻り先",
  describedAt: "アプリケーションの説明の提供元",
  resource: "このサーバーのアドレス",

  connectedTitle: "接続しました",
  connectedText: "{server} にサインインしました。アプリケーションに戻ってください。",
  deniedTitle: "アクセスを拒否しました",
  deniedText: "アプリケーションは {server} にアクセスできません。",
  failedTitle: "接続していません",
  failedText: "{server} へのサインインに失敗しました。理由はアプリケーションに表示されます。",
  returnToApplication: "アプリケーションに戻る",
  opensLinks: "{scheme} リンクのアプリが開きます。その後、このページは閉じてかまいません。",
  answerExpiredTitle: "ここで答えることはありません",
  answerExpiredText: "このアドレスの質問は、すでに回答されたか期限切れです。アプリケーションでもう一度始めてください。",

  operatedBy: "運営者：{operator}",
  help: "ヘルプ",
  privacy: "プライバシー",
  terms: "利用規約",
};
